<?php

declare(strict_types=1);

namespace CrowdSky\Operations;

use CrowdSky\Base\Clock;
use CrowdSky\Base\Utc;
use CrowdSky\Database\Database;
use CrowdSky\Jobs\JobKind;
use CrowdSky\Jobs\JobStatus;
use CrowdSky\Kernel\App;
use CrowdSky\Queue\LeaseTerm;
use CrowdSky\Queue\QueueServices;

/**
 * The alarm for a queue that does not move: jobs have been waiting, or running for too long, and none was completed in
 * the meantime.
 *
 * It looks at results and not at workers, so it also goes off when workers poll, claim and fail, and when one has taken
 * all jobs and finishes none.
 */
final class StallAlarm
{
    public function __construct(
        private readonly Database $database,
        private readonly Clock $clock,
        private readonly int $stallMinutes,
        private readonly LeaseTerm $term,
    ) {
    }

    public static function of(App $app): self
    {
        return new self($app->database(), $app->clock(), $app->config()->stallMinutes, QueueServices::of($app)->term());
    }

    public function look(): QueueState
    {
        $patient = array_column(JobKind::withoutStack(), 'value');
        $marks = implode(', ', array_fill(0, count($patient), '?'));
        $waiting = $this->database->one(
            // Jobs without a stack come last, and only to newer workers: that they wait is no alarm.
            "SELECT COUNT(*) AS n, MIN(CASE WHEN kind NOT IN ($marks) THEN updated_at END) AS since FROM stacking_jobs
              WHERE after_job_id IS NULL AND (status = ? OR (status = ? AND (not_before IS NULL OR not_before <= ?)))",
            [...$patient, JobStatus::Pending->value, JobStatus::Retry->value, $this->clock->milliseconds()],
        );
        $last = $this->database->value(
            'SELECT MAX(completed_at) FROM stacking_jobs WHERE status = ?',
            [JobStatus::Completed->value],
        );
        $since = $waiting['since'] ?? null;
        $before = Utc::storedBefore($this->clock->now(), 60 * $this->stallMinutes);
        $longRuns = $this->longRuns();
        $isSlow = $since !== null && $since <= $before || $longRuns > 0;
        $isStalled = $isSlow && ($last === null || $last <= $before);
        return new QueueState((int) ($waiting['n'] ?? 0), $since, $last, $isStalled, $longRuns);
    }

    /** Counts the jobs that have been running for more than half of the longest time that a run may take. */
    private function longRuns(): int
    {
        $since = fn (JobKind $kind) => Utc::storedBefore($this->clock->now(), 1800 * $this->term->maxHours($kind));
        return (int) $this->database->value(
            'SELECT COUNT(*) FROM stacking_jobs
              WHERE status = ? AND ((kind <> ? AND kind <> ? AND started_at <= ?) OR (kind = ? AND started_at <= ?))',
            [
                JobStatus::Processing->value,
                JobKind::Check->value,
                JobKind::Rescan->value,
                $since(JobKind::Stack),
                JobKind::Rescan->value,
                $since(JobKind::Rescan),
            ],
        );
    }
}
