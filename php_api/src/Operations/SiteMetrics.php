<?php

declare(strict_types=1);

namespace CrowdSky\Operations;

use CrowdSky\Base\Clock;
use CrowdSky\Base\Utc;
use CrowdSky\Database\Database;
use CrowdSky\Jobs\JobStatus;
use CrowdSky\Trust\HeldState;
use CrowdSky\Uploads\DiskRoom;

/**
 * Collects metrics for a monitoring system: the queue, its outcomes, workers and disk use.
 */
final class SiteMetrics
{
    /** A worker counts as present when it was seen within this time. */
    private const PRESENT_SECONDS = 600;

    public function __construct(
        private readonly Database $database,
        private readonly StallAlarm $alarm,
        private readonly Clock $clock,
        private readonly DiskRoom $room,
        private readonly string $dataDir,
        private readonly int $rawGraceHours,
    ) {
    }

    public function asText(): string
    {
        $text = new PrometheusText();
        $this->queue($text);
        $this->outcomes($text);
        $this->workers($text);
        $this->volunteers($text);
        $this->disk($text);
        return $text->text();
    }

    private function queue(PrometheusText $text): void
    {
        $counts = array_fill_keys(array_column(JobStatus::cases(), 'value'), 0);
        foreach ($this->database->all('SELECT status, COUNT(*) AS n FROM stacking_jobs WHERE checks_job_id IS NULL GROUP BY status') as $row) {
            $counts[$row['status']] = (int) $row['n'];
        }
        $text->family('crowdsky_jobs', 'gauge', 'Jobs by state.', self::samples('state', $counts));
        $state = $this->alarm->look();
        $text->gauge('crowdsky_jobs_waiting', 'Jobs that the next claim could take.', $state->waiting);
        $text->gauge('crowdsky_oldest_waiting_seconds', 'Age of the longest wait among them.', $this->secondsSince($state->waitingSince) ?? 0);
        $text->gauge('crowdsky_last_completion_timestamp_seconds', 'When a job was last completed, Unix time.', self::unixTime($state->lastCompletedAt));
        $text->gauge('crowdsky_stalled', 'Alarm: jobs wait, or run for long, and none was completed for stall_minutes.', (int) $state->isStalled);
        $text->gauge('crowdsky_long_runs', 'Running jobs past half of the longest time that a run may take.', $state->longRuns);
        $expired = $this->count(
            'stacking_jobs WHERE status = ? AND lease_expires_at <= ? AND checks_job_id IS NULL',
            [JobStatus::Processing->value, $this->clock->milliseconds()],
        );
        $text->gauge('crowdsky_expired_leases', 'Running jobs whose worker fell silent, not yet taken back.', $expired);
    }

    /** Read from the audit trail, which outlives deleted jobs, so that the counters never go down. */
    private function outcomes(PrometheusText $text): void
    {
        $events = ['claimed' => 0, 'completed' => 0, 'released' => 0];
        $failures = ['fail, will retry' => 0, 'fail, given up' => 0, 'expired, will retry' => 0, 'expired, given up' => 0];
        foreach ($this->database->all('SELECT event, COUNT(*) AS n FROM job_events GROUP BY event') as $row) {
            if (isset($events[$row['event']])) {
                $events[$row['event']] = (int) $row['n'];
            } elseif (isset($failures[$row['event']])) {
                $failures[$row['event']] = (int) $row['n'];
            }
        }
        $text->family('crowdsky_job_events_total', 'counter', 'Claims, completions and jobs handed back.', self::samples('event', $events));
        $samples = [];
        foreach ($failures as $event => $count) {
            [$cause, $next] = explode(', ', $event);
            $labels = ['cause' => $cause === 'fail' ? 'reported' : 'silent', 'final' => $next === 'given up' ? 'yes' : 'no'];
            $samples[] = ['labels' => $labels, 'value' => $count];
        }
        $text->family('crowdsky_run_failures_total', 'counter', 'Runs that failed, by cause and whether the job is given up.', $samples);
    }

    private function workers(PrometheusText $text): void
    {
        $since = Utc::storedBefore($this->clock->now(), self::PRESENT_SECONDS);
        $text->gauge('crowdsky_workers_known', 'Workers that ever asked for work.', $this->count('workers', []));
        $text->gauge('crowdsky_workers_seen', 'Workers that called within ten minutes.', $this->count('workers WHERE last_seen_at >= ?', [$since]));
    }

    private function volunteers(PrometheusText $text): void
    {
        $quarantined = $this->count('api_keys WHERE quarantined_at IS NOT NULL AND revoked_at IS NULL', []);
        $text->gauge('crowdsky_keys_quarantined', 'Keys that get no work since a result of theirs was found wrong.', $quarantined);
        $held = $this->count('held_results WHERE state = ?', [HeldState::Held->value]);
        $text->gauge('crowdsky_results_held', 'Results of volunteers that wait for a second opinion.', $held);
    }

    private function disk(PrometheusText $text): void
    {
        $raws = $this->database->one('SELECT COUNT(*) AS n, SUM(file_size_bytes) AS bytes FROM raw_files WHERE deleted_at IS NULL');
        $text->gauge('crowdsky_raw_files', 'Raw frames kept on the site.', (int) ($raws['n'] ?? 0));
        $text->gauge('crowdsky_raw_bytes', 'Their size.', (int) ($raws['bytes'] ?? 0));
        $due = $this->count(
            'raw_files r JOIN stacking_jobs j ON j.id = r.job_id WHERE r.deleted_at IS NULL AND r.delete_due_at IS NOT NULL AND j.completed_at <= ?',
            [Utc::storedBefore($this->clock->now(), 3600 * $this->rawGraceHours)],
        );
        $text->gauge('crowdsky_raw_files_due', 'Raw frames that cleanup may delete.', $due);
        $stacks = $this->database->one('SELECT COUNT(*) AS n, SUM(file_size_bytes) AS bytes, MIN(verified_at) AS oldest FROM stacked_frames');
        $text->gauge('crowdsky_stacks', 'Archived stacks.', (int) ($stacks['n'] ?? 0));
        $text->gauge('crowdsky_stack_bytes', 'Their size.', (int) ($stacks['bytes'] ?? 0));
        $text->gauge('crowdsky_oldest_verification_seconds', 'Time since the stack that was read back longest ago.', $this->secondsSince($stacks['oldest'] ?? null));
        $doubt = $this->database->value('SELECT doubt FROM cleanup_runs ORDER BY id DESC LIMIT 1');
        $text->gauge('crowdsky_clock_doubted', 'Alarm: cleanup deletes nothing by its age, because it does not believe the clock.', (int) ($doubt !== null));
        $reserve = $this->room->reserve();
        $text->gauge('crowdsky_results_expected_bytes', 'Room that the results of waiting jobs will need on the disk of the data folder.', $reserve->bytes);
        $left = $this->room->leftForSubs($reserve);
        $text->gauge('crowdsky_subs_free_bytes', 'Room that subs and the results of their jobs may still take there.', $left === null ? null : max(0, $left));
        $free = @disk_free_space($this->dataDir);
        $text->gauge('crowdsky_data_free_bytes', 'Room left on the disk of the data folder.', $free === false ? null : (int) $free);
    }

    /**
     * @param string $from table and condition
     * @param list<int|string> $parameters
     */
    private function count(string $from, array $parameters): int
    {
        return (int) $this->database->value("SELECT COUNT(*) FROM $from", $parameters);
    }

    private function secondsSince(?string $stored): ?int
    {
        return $stored === null ? null : max(0, $this->clock->now()->getTimestamp() - (int) self::unixTime($stored));
    }

    private static function unixTime(?string $stored): ?int
    {
        return $stored === null ? null : (new \DateTimeImmutable($stored, new \DateTimeZone('UTC')))->getTimestamp();
    }

    /**
     * @param array<string, int> $counts
     * @return list<array{labels: array<string, string>, value: int}>
     */
    private static function samples(string $label, array $counts): array
    {
        $samples = [];
        foreach ($counts as $word => $count) {
            $samples[] = ['labels' => [$label => $word], 'value' => $count];
        }
        return $samples;
    }
}
