<?php

declare(strict_types=1);

namespace CrowdSky\Hips;

use CrowdSky\Accounts\Accounts;
use CrowdSky\Accounts\User;
use CrowdSky\Base\ConfigurationError;
use CrowdSky\Calibrations\CalibrationServices;
use CrowdSky\Hats\HatsServices;
use CrowdSky\Kernel\App;
use CrowdSky\Results\StackVisibility;
use CrowdSky\Sky\Viewer;
use CrowdSky\Sky\Visibility;
use CrowdSky\Stacks\JobRemoval;
use CrowdSky\Stacks\Stack;
use CrowdSky\Stacks\StackArchive;

/**
 * Changes who sees stacks, or deletes them, and takes what others had of them back at once: partitions of the export and
 * regions of the HiPS leave until they are built anew, and the fields are queued for a calibration without them.
 */
final class Withdrawal
{
    private const BATCH = 500;

    private function __construct(private readonly App $app)
    {
    }

    public static function of(App $app): self
    {
        return new self($app);
    }

    /** Nothing changes for a stack of another owner. */
    public function choose(Stack $stack, int $ownerId, StackVisibility $choice): void
    {
        $this->around([$stack->id], fn () => (new StackArchive($this->app->database()))->setVisibility($stack->id, $ownerId, $choice));
        if ($this->publicOf([$stack->id]) !== []) {
            HatsServices::of($this->app)->builds()->queueStack($stack->id);
        }
    }

    /** Decides for all stacks of an account for which nothing else was chosen. */
    public function chooseForAccount(int $userId, bool $arePublic): void
    {
        $stacks = $this->app->database()->column('SELECT id FROM stacked_frames WHERE user_id = ?', [$userId]);
        $accounts = new Accounts($this->app->database(), $this->app->clock());
        $this->around(array_map(intval(...), $stacks), static fn () => $accounts->setStacksPublic($userId, $arePublic));
    }

    /**
     * Deletes a job with its stack.
     *
     * @throws \CrowdSky\Base\Refusal as JobRemoval
     */
    public function removeJob(int $jobId, User $user): void
    {
        $stacks = $this->app->database()->column('SELECT id FROM stacked_frames WHERE job_id = ?', [$jobId]);
        $this->around(array_map(intval(...), $stacks), fn () => JobRemoval::of($this->app)->remove($jobId, $user));
    }

    /** @param list<int> $stackIds */
    private function around(array $stackIds, \Closure $change): void
    {
        $hats = HatsServices::of($this->app)->builds();
        $before = $this->publicOf($stackIds);
        $pixels = $hats->pixelsOf($before);
        $fields = $this->fieldsOf($before);
        $change();
        $gone = array_values(array_diff($before, $this->publicOf($before)));
        if ($gone === []) {
            return;
        }
        set_time_limit(0);
        $this->app->log()->info('stacks are no longer public', ['stacks' => count($gone), 'fields' => count($fields)]);
        try {
            $hats->withdraw($pixels);
            HipsServices::of($this->app)->builds()->withdraw($gone);
            foreach ($fields as $field) {
                CalibrationServices::of($this->app)->queue()->queue($field, now: true);
            }
        } catch (ConfigurationError $error) {
            // What is not queued now is queued by cron, which reports that there is no admin.
            $this->app->log()->warning("Calibrations and the export could not be queued: {$error->getMessage()}");
        }
    }

    /**
     * @param list<int> $stackIds
     * @return list<int> those that everybody sees
     */
    private function publicOf(array $stackIds): array
    {
        $public = Visibility::condition(Viewer::public());

        return $this->inBatches($stackIds, static fn (string $ids): string => 'SELECT s.id FROM ' . Visibility::FROM . " WHERE s.id IN ($ids) AND {$public->sql}");
    }

    /**
     * @param list<int> $stackIds
     * @return list<int>
     */
    private function fieldsOf(array $stackIds): array
    {
        $fields = $this->inBatches(
            $stackIds,
            static fn (string $ids): string => "SELECT DISTINCT field_id FROM epochs WHERE stack_id IN ($ids) AND field_id IS NOT NULL AND superseded_at IS NULL",
        );

        return array_values(array_unique($fields));
    }

    /**
     * @param list<int> $stackIds
     * @param \Closure(string): string $query
     * @return list<int>
     */
    private function inBatches(array $stackIds, \Closure $query): array
    {
        $found = [];
        foreach (array_chunk($stackIds, self::BATCH) as $batch) {
            array_push($found, ...array_map(intval(...), $this->app->database()->column($query(implode(', ', $batch)))));
        }

        return $found;
    }
}
