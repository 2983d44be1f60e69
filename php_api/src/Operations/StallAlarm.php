<?php

declare(strict_types=1);

namespace CrowdSky\Operations;

use CrowdSky\Base\Clock;
use CrowdSky\Base\Utc;
use CrowdSky\Database\Database;
use CrowdSky\Jobs\JobStatus;

/**
 * The alarm for a queue that does not move: jobs have been waiting for a long time, during which none was completed.
 *
 * It looks at results and not at workers, so it also goes off when workers poll, claim and fail.
 */
final class StallAlarm
{
    public function __construct(
        private readonly Database $database,
        private readonly Clock $clock,
        private readonly int $stallMinutes,
    ) {
    }

    public function look(): QueueState
    {
        $waiting = $this->database->one(
            'SELECT COUNT(*) AS n, MIN(updated_at) AS since FROM stacking_jobs
              WHERE status = :pending OR (status = :retry AND (not_before IS NULL OR not_before <= :now))',
            ['pending' => JobStatus::Pending->value, 'retry' => JobStatus::Retry->value, 'now' => $this->clock->milliseconds()],
        );
        $last = $this->database->value(
            'SELECT MAX(completed_at) FROM stacking_jobs WHERE status = ?',
            [JobStatus::Completed->value],
        );
        $since = $waiting['since'] ?? null;
        $before = Utc::storedBefore($this->clock->now(), 60 * $this->stallMinutes);
        $isStalled = $since !== null && $since <= $before && ($last === null || $last <= $before);
        return new QueueState((int) ($waiting['n'] ?? 0), $since, $last, $isStalled);
    }
}
