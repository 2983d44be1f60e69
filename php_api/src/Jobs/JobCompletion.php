<?php

declare(strict_types=1);

namespace CrowdSky\Jobs;

use CrowdSky\Clock;
use CrowdSky\Database\Database;
use CrowdSky\Http\HttpError;
use CrowdSky\Storage\StoragePath;
use CrowdSky\Utc;
use CrowdSky\Workers\WorkerRegistry;

/**
 * Takes a finished stack into the archive: once, and only after the site itself has found it in storage.
 */
final class JobCompletion
{
    public function __construct(
        private readonly Database $database,
        private readonly JobStore $jobs,
        private readonly LeaseKeeper $leases,
        private readonly RawFrames $raws,
        private readonly StackVerifier $verifier,
        private readonly WorkerRegistry $workers,
        private readonly Clock $clock,
        private readonly string $storageBase,
        private readonly int $rawGraceHours,
    ) {
    }

    /**
     * Verifies outside any transaction (it may take minutes), then changes state and archive in one durable commit.
     *
     * @return int id of the archived stack; the same one when the same report is repeated
     * @throws LeaseLost unless the holder has the lease, or had it and reports the same stack again
     * @throws HttpError 400 for a report that cannot be true, 422 for a path or an object that is not acceptable
     */
    public function complete(int $jobId, LeaseHolder $holder, CompletionReport $report): int
    {
        $job = $this->jobs->get($jobId);
        $known = $this->repeated($job, $holder, $report);
        if ($known !== null) {
            return $known;
        }
        $this->leases->check($job, $holder);
        $this->checkCounts($job, $report);
        $this->checkPaths($job, $report);
        $this->leases->touch($job);
        $stored = $this->verifier->verifyStack($report->path, $report->size, $report->sha256);
        if ($report->thumbnailPath !== null) {
            $this->verifier->verifyThumbnail($report->thumbnailPath, $report->thumbnailSize);
        }
        return $this->archive($job, $holder, $report, $stored);
    }

    private function repeated(Job $job, LeaseHolder $holder, CompletionReport $report): ?int
    {
        if ($job->status !== JobStatus::Completed || !$holder->matches($job)) {
            return null;
        }
        $row = $this->database->one('SELECT id, ucloud_path, sha256 FROM stacked_frames WHERE job_id = ?', [$job->id]);
        $same = $row !== null && $row['ucloud_path'] === $report->path && $row['sha256'] === ($report->sha256 ?? $row['sha256']);
        return $same ? (int) $row['id'] : null;
    }

    private function checkCounts(Job $job, CompletionReport $report): void
    {
        $input = $report->framesInput ?? $job->frameCount;
        if ($input > $job->frameCount) {
            throw HttpError::badRequest("'n_frames_input' is $input, but job {$job->id} has {$job->frameCount} frames");
        }
        if ($report->framesAligned > $input) {
            throw HttpError::badRequest("'n_frames_aligned' is {$report->framesAligned}, but only $input frames went in");
        }
    }

    private function checkPaths(Job $job, CompletionReport $report): void
    {
        $legal = StoragePath::ofJob($this->storageBase, $job->userId, $job->objectName, $job->chunkKey, $job->id);
        $stacks = $legal->stacks($job->attemptTag());
        if (!in_array($report->path, $stacks, true)) {
            throw HttpError::unprocessable("'ucloud_path' must be " . implode(' or ', $stacks), 'illegal_path');
        }
        $thumbnails = $legal->thumbnails($job->attemptTag());
        if ($report->thumbnailPath !== null && !in_array($report->thumbnailPath, $thumbnails, true)) {
            throw HttpError::unprocessable("'thumbnail_path' must be " . implode(' or ', $thumbnails), 'illegal_path');
        }
    }

    private function archive(Job $job, LeaseHolder $holder, CompletionReport $report, VerifiedObject $stored): int
    {
        return $this->database->transaction(function () use ($job, $holder, $report, $stored): int {
            $now = $this->clock->now();
            $moved = $this->jobs->move(
                $job,
                JobStatus::Completed,
                self::finalColumns(Utc::stored($now)),
                "worker:{$job->workerName}",
                'completed',
                "{$report->framesAligned} frames combined, {$report->path}",
            );
            if (!$moved) {
                // Another request may have reported the same stack while this one was verifying it.
                return $this->repeated($this->jobs->get($job->id), $holder, $report)
                    ?? throw new LeaseLost($job->id, 'the job was taken back while its stack was verified');
            }
            $this->raws->markDue($job->id, Utc::storedBefore($now, -3600 * $this->rawGraceHours));
            $this->workers->countCompleted((int) $job->apiKeyId, (string) $job->workerName);
            return $this->database->insert('stacked_frames', $this->row($job, $report, $stored, Utc::stored($now)));
        }, durable: true);
    }

    /** @return array<string, mixed> */
    private static function finalColumns(string $now): array
    {
        return [
            'completed_at' => $now,
            'last_outcome' => 'complete',
            'claim_id' => null,
            'lease_expires_at' => null,
            'error_message' => null,
            'stage' => 'done',
            'progress' => 1.0,
            'progress_message' => null,
        ];
    }

    /** @return array<string, mixed> */
    private function row(Job $job, CompletionReport $report, VerifiedObject $stored, string $now): array
    {
        return [
            'job_id' => $job->id,
            'user_id' => $job->userId,
            'chunk_key' => $job->chunkKey,
            'chunk_key_hp' => $job->chunkKeyHp,
            'object_name' => $job->objectName,
            'ucloud_path' => $report->path,
            'thumbnail_path' => $report->thumbnailPath,
            'file_size_bytes' => $stored->size,
            'sha256' => $stored->sha256,
            'n_frames_input' => $report->framesInput ?? $job->frameCount,
            'n_frames_aligned' => $report->framesAligned,
            'total_exptime' => $report->totalExposure,
            'date_obs_start' => $report->dateObsStart,
            'date_obs_end' => $report->dateObsEnd,
            'ra_deg' => $report->raDeg,
            'dec_deg' => $report->decDeg,
            'n_stars_detected' => $report->stars,
            'telescope' => $job->telescope,
            'filter_name' => $job->filterName,
            'eq_mode' => $job->eqMode,
            'engine' => $report->engine,
            'notes' => json_encode($report->notes, JSON_THROW_ON_ERROR | JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES),
            'worker_name' => $job->workerName,
            'created_at' => $now,
            'verified_at' => $now,
        ];
    }
}
