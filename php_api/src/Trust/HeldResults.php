<?php

declare(strict_types=1);

namespace CrowdSky\Trust;

use CrowdSky\Base\Clock;
use CrowdSky\Base\Refusal;
use CrowdSky\Base\Utc;
use CrowdSky\Database\Database;
use CrowdSky\Jobs\Job;
use CrowdSky\Jobs\JobStatus;
use CrowdSky\Jobs\LeaseHolder;
use CrowdSky\Jobs\LeaseToken;
use CrowdSky\Results\CompletionReport;
use CrowdSky\Results\ResultKind;
use CrowdSky\Results\VerifiedResult;

/**
 * Stores the results that wait for a second opinion, and remembers those that did.
 */
final class HeldResults
{
    public function __construct(private readonly Database $database, private readonly Clock $clock)
    {
    }

    /** @return list<HeldResult> results of the job that still wait, oldest first */
    public function ofJob(int $jobId): array
    {
        $rows = $this->database->all(
            'SELECT * FROM held_results WHERE job_id = ? AND state = ? ORDER BY id',
            [$jobId, HeldState::Held->value],
        );
        return array_map(HeldResult::fromRow(...), $rows);
    }

    /** @return list<string> files of all results of a user's jobs that still wait */
    public function pathsOf(int $userId): array
    {
        $rows = $this->database->all(
            'SELECT h.* FROM held_results h JOIN stacking_jobs j ON j.id = h.job_id WHERE j.user_id = ? AND h.state = ?',
            [$userId, HeldState::Held->value],
        );
        $paths = [];
        foreach (array_map(HeldResult::fromRow(...), $rows) as $held) {
            array_push($paths, ...array_filter(array_map($held->report->pathOf(...), ResultKind::cases())));
        }
        return $paths;
    }

    /**
     * Finds the waiting results that can be compared with a new result of the job. Results of other frames are closed
     * without a verdict: they were right at the time.
     *
     * @return list<HeldResult> oldest first
     */
    public function comparable(Job $job): array
    {
        $comparable = [];
        foreach ($this->ofJob($job->id) as $held) {
            if ($held->isOf($job)) {
                $comparable[] = $held;
            } else {
                $this->close($held, HeldState::Dropped, 'more frames have joined the job');
            }
        }
        return $comparable;
    }

    /** @throws Refusal when there is no such result, or it no longer waits */
    public function get(int $id): HeldResult
    {
        $row = $this->database->one('SELECT * FROM held_results WHERE id = ?', [$id])
            ?? throw Refusal::notFound("There is no held result $id");
        if ($row['state'] !== HeldState::Held->value) {
            throw Refusal::conflict("Result $id no longer waits: it was {$row['state']}");
        }
        return HeldResult::fromRow($row);
    }

    /** Whether exactly this report was held before, whatever has happened since. */
    public function wasHeld(Job $job, LeaseHolder $holder, CompletionReport $report): bool
    {
        $row = $this->database->one(
            'SELECT lease_token_hash, sha256 FROM held_results WHERE job_id = ? AND api_key_id = ? AND path = ?',
            [$job->id, $holder->apiKeyId, $report->path],
        );
        return $row !== null
            && $row['sha256'] === ($report->sha256 ?? $row['sha256'])
            && ($holder->token === null || hash_equals($row['lease_token_hash'], LeaseToken::hash($holder->token)));
    }

    /** Whether a file belongs to a held result of the job, so that no other run may report it. */
    public function isTaken(Job $job, string $path): bool
    {
        return $this->database->value('SELECT id FROM held_results WHERE job_id = ? AND path = ?', [$job->id, $path]) !== null;
    }

    /** @param string|null $finding where it differs from the results held before it */
    public function add(Job $job, CompletionReport $report, VerifiedResult $result, ResultFigures $figures, ?string $finding): void
    {
        $this->database->insert('held_results', [
            'job_id' => $job->id,
            'api_key_id' => $job->apiKeyId,
            'worker_name' => $job->workerName,
            'lease_token_hash' => $job->leaseTokenHash,
            'state' => HeldState::Held->value,
            'path' => $result->stackPath,
            'file_size_bytes' => $result->stack->size,
            'sha256' => $result->stack->sha256,
            'report' => $report->toStored(),
            'figures' => $figures->toStored(),
            'finding' => $finding,
            'held_at' => $this->now(),
            'frame_count' => $job->frameCount,
        ]);
    }

    public function close(HeldResult $held, HeldState $state, ?string $finding): void
    {
        $this->database->execute(
            'UPDATE held_results SET state = ?, finding = ?, judged_at = ? WHERE id = ?',
            [$state->value, $finding, $this->now(), $held->id],
        );
    }

    /** Closes all waiting results of a job whose frames are gone: nobody can give a second opinion any more. */
    public function drop(int $jobId): void
    {
        $this->database->execute(
            'UPDATE held_results SET state = ?, judged_at = ? WHERE job_id = ? AND state = ?',
            [HeldState::Dropped->value, $this->now(), $jobId, HeldState::Held->value],
        );
    }

    /**
     * Finds results that were held before a moment and are the only ones of their idle jobs; where two differ, only an
     * admin can decide.
     *
     * @param string $before stored form
     * @return list<int> ids
     */
    public function aloneSince(string $before): array
    {
        return array_map('intval', array_column($this->database->all(
            'SELECT h.id FROM held_results h JOIN stacking_jobs j ON j.id = h.job_id
              WHERE h.state = ? AND h.held_at <= ? AND j.n_held = 1 AND h.frame_count = j.frame_count AND j.status IN (?, ?) ORDER BY h.id',
            [HeldState::Held->value, $before, JobStatus::Pending->value, JobStatus::Retry->value],
        ), 'id'));
    }

    private function now(): string
    {
        return Utc::stored($this->clock->now());
    }
}
