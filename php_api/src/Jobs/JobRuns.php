<?php

declare(strict_types=1);

namespace CrowdSky\Jobs;

use CrowdSky\Base\Clock;
use CrowdSky\Base\Utc;
use CrowdSky\Database\Database;

/**
 * The runs of jobs: who took a job, when, how long each stage took and how it ended.
 *
 * Like the audit trail they outlive a deleted job, and checks are not among them. JobStore calls begin() and end() with
 * every move, inside its transaction.
 */
final class JobRuns
{
    public function __construct(private readonly Database $database, private readonly Clock $clock)
    {
    }

    /** @param array<string, mixed> $lease columns that the claim writes */
    public function begin(Job $job, array $lease): void
    {
        if ($job->kind === JobKind::Check) {
            return;
        }
        $this->database->insert('job_runs', [
            'job_id' => $job->id,
            'kind' => $job->kind->value,
            'attempt' => (int) ($lease['attempts'] ?? $job->attempts + 1),
            'api_key_id' => $lease['api_key_id'] ?? null,
            'worker_name' => $lease['worker_name'] ?? null,
            'waited_seconds' => $this->waited($job),
            'claimed_at' => Utc::stored($this->clock->now()),
        ]);
    }

    /** Ends the run that is under way; a result that is accepted after its run has ended counts as that of the run. */
    public function end(Job $job, string $event): void
    {
        $run = $this->last($job->id);
        if ($run === null || $run['outcome'] === JobEvents::COMPLETED) {
            return;
        }
        if ($run['ended_at'] !== null) {
            if ($event === JobEvents::COMPLETED) {
                $this->database->execute('UPDATE job_runs SET outcome = ? WHERE id = ?', [$event, $run['id']]);
            }
            return;
        }
        $now = $this->clock->now();
        $this->database->execute('UPDATE job_runs SET ended_at = ?, seconds = ?, outcome = ?, stages = ? WHERE id = ?', [
            Utc::stored($now),
            max(0, $now->getTimestamp() - self::second($run['claimed_at'])),
            $event,
            $job->stageTimes->stored(),
            $run['id'],
        ]);
    }

    /** Notes how many subs are in the stack that the last run of a job has made. */
    public function noteFrames(int $jobId, int $used): void
    {
        $run = $this->last($jobId);
        if ($run !== null) {
            $this->database->execute('UPDATE job_runs SET frames_used = ? WHERE id = ?', [$used, $run['id']]);
        }
    }

    /** @return list<JobRun> of a job, oldest first; of one under way, the stages are those of the job */
    public function ofJob(Job $job): array
    {
        $rows = $this->database->all('SELECT * FROM job_runs WHERE job_id = ? ORDER BY id', [$job->id]);

        return array_map(static fn (array $row): JobRun => JobRun::fromRow($row['ended_at'] === null ? ['stages' => $job->stageTimes->stored()] + $row : $row), $rows);
    }

    /** @return list<JobRun> the latest of a worker that ended with a result in the archive */
    public function latestOf(int $apiKeyId, string $workerName, int $limit): array
    {
        return array_map(JobRun::fromRow(...), $this->database->all(
            "SELECT * FROM job_runs WHERE api_key_id = ? AND worker_name = ? AND outcome = ? ORDER BY ended_at DESC LIMIT $limit",
            [$apiKeyId, $workerName, JobEvents::COMPLETED],
        ));
    }

    /** @return array<string, mixed>|null */
    private function last(int $jobId): ?array
    {
        return $this->database->one('SELECT id, claimed_at, ended_at, outcome FROM job_runs WHERE job_id = ? ORDER BY id DESC LIMIT 1', [$jobId]);
    }

    /** Seconds since the job could be taken: the pause before another try is no wait for a worker. */
    private function waited(Job $job): int
    {
        $now = $this->clock->now()->getTimestamp();
        $since = match (true) {
            $job->notBefore !== null => intdiv($job->notBefore, 1000),
            $job->lastOutcome === null => self::second($job->createdAt),
            default => self::second($job->updatedAt),
        };

        return max(0, $now - $since);
    }

    private static function second(string $stored): int
    {
        return (new \DateTimeImmutable($stored, new \DateTimeZone('UTC')))->getTimestamp();
    }
}
