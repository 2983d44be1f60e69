<?php

declare(strict_types=1);

namespace CrowdSky\Series;

use CrowdSky\Base\Refusal;
use CrowdSky\Database\Database;
use CrowdSky\Jobs\JobKind;
use CrowdSky\Jobs\JobStatus;
use CrowdSky\Stacks\StackArchive;

/** Owners who want a series of every stack, so that fast events are caught unasked. */
final class SeriesWishes
{
    /** Number of orders at a time; the next cleanup takes the rest. */
    private const BATCH = 200;

    public function __construct(
        private readonly Database $database,
        private readonly SeriesOrders $orders,
        private readonly StackArchive $stacks,
    ) {
    }

    /** Returns the seconds of a part; null for no series. */
    public function of(int $userId): ?int
    {
        $seconds = $this->database->value('SELECT series_seconds FROM users WHERE id = ?', [$userId]);
        return $seconds === null ? null : (int) $seconds;
    }

    /** @throws Refusal for a length that no series has */
    public function set(int $userId, ?int $seconds): void
    {
        $known = $seconds === null ? null : SeriesOrder::with(0, $seconds)->seconds;
        $this->database->execute('UPDATE users SET series_seconds = ? WHERE id = ?', [$known, $userId]);
    }

    /**
     * Orders the wanted series of stacks whose subs are there. One that failed is not ordered again.
     *
     * @return int how many were ordered
     */
    public function order(): int
    {
        $wanted = $this->database->all(
            'SELECT s.id, u.series_seconds FROM users u JOIN stacked_frames s ON s.user_id = u.id JOIN stacking_jobs j ON j.id = s.job_id
              WHERE u.series_seconds IS NOT NULL AND j.kind = ? AND j.status = ?
                AND NOT EXISTS (SELECT 1 FROM series r WHERE r.stack_id = s.id AND r.seconds = u.series_seconds)
                AND j.frame_count <= (SELECT COUNT(*) FROM raw_files f WHERE f.job_id = j.id AND f.deleted_at IS NULL)
              ORDER BY s.id LIMIT ' . self::BATCH,
            [JobKind::Stack->value, JobStatus::Completed->value],
        );
        $ordered = 0;
        foreach ($wanted as $row) {
            $ordered += (int) $this->tryOrder((int) $row['id'], (int) $row['series_seconds']);
        }
        return $ordered;
    }

    private function tryOrder(int $stackId, int $seconds): bool
    {
        $stack = $this->stacks->find($stackId);
        try {
            return $stack !== null && $this->orders->order($stack, SeriesOrder::with($stackId, $seconds), 'system') > 0;
        } catch (Refusal) {
            // Its job, its subs or its owner's wish have changed meanwhile.
            return false;
        }
    }
}
