<?php

declare(strict_types=1);

namespace CrowdSky\Rescans;

use CrowdSky\Database\Database;
use CrowdSky\Jobs\JobStatus;
use CrowdSky\Kernel\App;

/**
 * Finds stacks that are not measured, and queues their rescans.
 *
 * Such a stack has no photometry: its worker does not measure, or measuring crashed, ran out of memory or took too
 * long. A stack that was measured but not solved has photometry. Results that wait for a second opinion are not stacks
 * yet.
 */
final class UnmeasuredStacks
{
    /**
     * Unmeasured stacks, each with its latest rescan. An older one has ended, or Rescans finds it when it locks the
     * stack.
     */
    private const FROM = ' FROM stacked_frames s LEFT JOIN stack_solutions m ON m.stack_id = s.id
        LEFT JOIN stacking_jobs j ON j.id = (SELECT MAX(r.id) FROM stacking_jobs r WHERE r.stack_id = s.id)
        WHERE m.photometry IS NULL';
    private const UNDER_WAY = 'j.status IN (:pending, :retry, :processing)';
    /**
     * Condition for stacks to be queued. Rescans also failed on what broke measuring from 2026-11-22 on. That is fixed,
     * so these are worth another attempt. FIXED is the end of astropy's message, which is all that workers kept of it.
     */
    private const WAITING = '(j.id IS NULL OR (j.status = :failed AND j.error_message LIKE :fixed))';
    private const FIXED = '%conf.auto_max_age = None';

    private function __construct(private readonly Database $database, private readonly Rescans $rescans)
    {
    }

    public static function of(App $app): self
    {
        return new self($app->database(), Rescans::of($app));
    }

    /**
     * Queues all of them batch by batch, each in a transaction of its own.
     *
     * @return \Generator<UnmeasuredBatch>
     */
    public function batches(UnmeasuredWish $which, RescanRequest $wish): \Generator
    {
        do {
            $batch = $this->batch($which, $wish);
            yield $batch;
            $which = $which->from($batch->next ?? 0);
        } while ($batch->next !== null);
    }

    /** Queues the next batch, in the order of ids. */
    public function batch(UnmeasuredWish $which, RescanRequest $wish): UnmeasuredBatch
    {
        $stacks = $this->find($which, $wish->ownerId);
        $next = count($stacks) < $which->limit ? null : end($stacks)->id;
        // Counted before they are queued, for then all of them are under way.
        $counts = $this->count($wish->ownerId, $which->after, $next);
        $queued = $which->dryRun
            ? new RescansQueued([], [])
            : $this->rescans->queue(array_column($stacks, 'id'), $wish);

        return new UnmeasuredBatch($stacks, $queued, $counts->underWay, $which->retryFailed ? 0 : $counts->failed, $next);
    }

    /**
     * @param int|null $ownerId when given, stacks of other owners do not count
     * @param int $after only stacks with higher ids
     * @param int|null $last only stacks up to this one
     */
    public function count(?int $ownerId, int $after = 0, ?int $last = null): UnmeasuredCounts
    {
        [$range, $values] = self::range($ownerId, $after, $last);
        $row = $this->database->one(
            'SELECT COUNT(*) AS found, SUM(CASE WHEN ' . self::WAITING . ' THEN 1 ELSE 0 END) AS waiting,
                    SUM(CASE WHEN ' . self::UNDER_WAY . ' THEN 1 ELSE 0 END) AS under_way' . self::FROM . $range,
            $values + self::waiting() + self::underWay(),
        );
        $waiting = (int) $row['waiting'];
        $underWay = (int) $row['under_way'];

        return new UnmeasuredCounts($waiting, $underWay, (int) $row['found'] - $waiting - $underWay);
    }

    /** @return list<UnmeasuredStack> */
    private function find(UnmeasuredWish $which, ?int $ownerId): array
    {
        [$range, $values] = self::range($ownerId, $which->after, null);
        [$wanted, $more] = $which->retryFailed
            ? ['(j.id IS NULL OR NOT ' . self::UNDER_WAY . ')', self::underWay()]
            : [self::WAITING, self::waiting()];
        $rows = $this->database->all(
            'SELECT s.id, s.object_name, m.reason' . self::FROM . "$range AND $wanted ORDER BY s.id LIMIT {$which->limit}",
            $values + $more,
        );

        return array_map(static fn (array $row) => UnmeasuredStack::fromRow($row, $ownerId !== null), $rows);
    }

    /** @return array{string, array<string, int>} condition and its values */
    private static function range(?int $ownerId, int $after, ?int $last): array
    {
        $sql = ' AND s.id > :after';
        $values = ['after' => $after];
        if ($last !== null) {
            $sql .= ' AND s.id <= :last';
            $values['last'] = $last;
        }
        if ($ownerId !== null) {
            $sql .= ' AND s.user_id = :owner';
            $values['owner'] = $ownerId;
        }

        return [$sql, $values];
    }

    /** @return array<string, string> */
    private static function waiting(): array
    {
        return ['failed' => JobStatus::Failed->value, 'fixed' => self::FIXED];
    }

    /** @return array<string, string> */
    private static function underWay(): array
    {
        return [
            'pending' => JobStatus::Pending->value,
            'retry' => JobStatus::Retry->value,
            'processing' => JobStatus::Processing->value,
        ];
    }
}
