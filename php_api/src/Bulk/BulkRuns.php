<?php

declare(strict_types=1);

namespace CrowdSky\Bulk;

use CrowdSky\Accounts\User;
use CrowdSky\Base\Clock;
use CrowdSky\Base\Refusal;
use CrowdSky\Base\Utc;
use CrowdSky\Database\Database;
use CrowdSky\Jobs\BulkChange;
use CrowdSky\Jobs\JobAdmin;
use CrowdSky\Rescans\RescanOptions;
use CrowdSky\Rescans\RescanRequest;
use CrowdSky\Rescans\Rescans;

/**
 * Does one thing with very many jobs or stacks, a piece at a time: no request takes longer than a few seconds, and one that
 * breaks off has lost nothing.
 *
 * What was chosen is written down when it is chosen. What changes meanwhile, because a worker claims it or somebody else
 * decides about it, is looked at again when its turn comes.
 */
final class BulkRuns
{
    /** Jobs or stacks of one run. */
    public const MOST = 50_000;
    /** Jobs that are changed in one transaction: workers wait for it. */
    private const PIECE = 50;
    /** Days after which a run that was finished or forgotten goes. */
    private const KEPT_DAYS = 7;
    /** Different reasons that are remembered. */
    private const REASONS = 20;

    public function __construct(
        private readonly Database $database,
        private readonly JobAdmin $jobs,
        private readonly Rescans $rescans,
        private readonly Clock $clock,
    ) {
    }

    /**
     * Writes down what is to be done; nothing is done yet.
     *
     * @param list<int> $ids of jobs, or of stacks for a rescan
     * @param array<string, mixed> $options priority, or solver of a rescan
     * @param string|null $state that a job must still have when its turn comes
     * @return int id of the run
     * @throws Refusal for a priority or solver that does not exist, and when nothing is chosen
     */
    public function propose(User $admin, BulkAction $action, array $ids, array $options, ?string $state, string $returnTo): int
    {
        if ($ids === []) {
            throw Refusal::badInput('Nothing was chosen', 'nothing_chosen');
        }
        $action === BulkAction::Priority && JobAdmin::requirePriority($options['priority'] ?? null);
        $action === BulkAction::Rescan && RescanOptions::fromForm($options['solver'] ?? null);
        $now = Utc::stored($this->clock->now());
        $this->database->execute('DELETE FROM bulk_runs WHERE updated_at < ?', [Utc::storedBefore($this->clock->now(), 86_400 * self::KEPT_DAYS)]);

        return $this->database->insert('bulk_runs', [
            'user_id' => $admin->id,
            'action' => $action->value,
            'options' => json_encode($options, JSON_THROW_ON_ERROR),
            'state' => $state,
            'ids' => implode(',', $ids),
            'total' => count($ids),
            'reasons' => '{}',
            'return_to' => $returnTo,
            'created_at' => $now,
            'updated_at' => $now,
        ]);
    }

    /** @throws Refusal when this admin has no such run */
    public function get(int $id, User $admin): BulkRun
    {
        $row = $this->database->one('SELECT * FROM bulk_runs WHERE id = ? AND user_id = ?', [$id, $admin->id]);

        return $row === null ? throw Refusal::notFound("There is no such action $id, or it is long over") : BulkRun::fromRow($row);
    }

    /** Goes on for a while, and returns how far it has come. Two calls at once do nothing twice. */
    public function work(BulkRun $run, User $admin, float $seconds): BulkRun
    {
        $end = $this->clock->milliseconds() + 1000 * $seconds;
        while (!$run->isDone()) {
            $run = $this->database->transaction(fn (): BulkRun => $this->piece($run, $admin));
            if ($this->clock->milliseconds() >= $end) {
                break;
            }
        }

        return $run;
    }

    public function forget(BulkRun $run): void
    {
        $this->database->execute('DELETE FROM bulk_runs WHERE id = ?', [$run->id]);
    }

    private function piece(BulkRun $run, User $admin): BulkRun
    {
        $this->database->execute('UPDATE bulk_runs SET updated_at = ? WHERE id = ?', [Utc::stored($this->clock->now()), $run->id]);
        $now = $this->get($run->id, $admin);
        $ids = array_slice($now->ids, $now->done, self::PIECE);
        [$changed, $reasons] = $now->action === BulkAction::Rescan ? $this->rescan($now, $ids, $admin) : $this->change($now, $ids, $admin);
        $this->database->execute('UPDATE bulk_runs SET done = ?, changed = ?, reasons = ? WHERE id = ?', [
            $now->done + count($ids),
            $now->changed + $changed,
            json_encode((object) self::joined($now->reasons, $reasons), JSON_THROW_ON_ERROR | JSON_INVALID_UTF8_SUBSTITUTE),
            $run->id,
        ]);

        return $this->get($run->id, $admin);
    }

    /**
     * @param list<int> $ids
     * @return array{int, list<string>} how many were changed, and why others were not
     */
    private function change(BulkRun $run, array $ids, User $admin): array
    {
        $reasons = [];
        if ($run->state !== null && $ids !== []) {
            $marks = implode(', ', array_fill(0, count($ids), '?'));
            // Claims wait until this transaction ends.
            $this->database->execute("UPDATE stacking_jobs SET status = status WHERE id IN ($marks) AND status = ?", [...$ids, $run->state]);
            $still = array_map('intval', $this->database->column("SELECT id FROM stacking_jobs WHERE id IN ($marks) AND status = ?", [...$ids, $run->state]));
            foreach (array_diff($ids, $still) as $id) {
                $reasons[] = "Job $id is not {$run->state} any more";
            }
            $ids = array_values(array_intersect($ids, $still));
        }
        $change = new BulkChange($this->jobs, $admin->actor());
        $change->apply($ids, $run->action->value, $run->options['priority'] ?? null);

        return [$change->changed(), [...$reasons, ...$change->reasons()]];
    }

    /**
     * @param list<int> $ids
     * @return array{int, list<string>} likewise
     */
    private function rescan(BulkRun $run, array $ids, User $admin): array
    {
        $queued = $this->rescans->queue($ids, new RescanRequest($admin->actor(), null, RescanOptions::fromForm($run->options['solver'] ?? null)));

        return [
            count($queued->jobIds),
            array_map(static fn (array $one): string => "Stack {$one['stack_id']}: " . lcfirst(rtrim($one['reason'], '.')), $queued->skipped),
        ];
    }

    /**
     * @param array<string, array{n: int, example: string}> $known
     * @param list<string> $reasons
     * @return array<string, array{n: int, example: string}> alike ones, that differ only in numbers, together
     */
    private static function joined(array $known, array $reasons): array
    {
        foreach ($reasons as $reason) {
            $kind = (string) preg_replace('/\d+/', '#', $reason);
            $kind = isset($known[$kind]) || count($known) < self::REASONS ? $kind : 'others';
            $known[$kind] ??= ['n' => 0, 'example' => $reason];
            $known[$kind]['n']++;
        }

        return $known;
    }
}
