<?php

declare(strict_types=1);

namespace CrowdSky\Jobs;

use CrowdSky\Clock;
use CrowdSky\Database\Database;
use CrowdSky\Http\HttpError;
use CrowdSky\Storage\ResultKind;
use CrowdSky\Storage\StoragePath;
use CrowdSky\Utc;
use CrowdSky\Workers\WorkerRegistry;

/**
 * Takes a finished stack, or one that was solved again, into the archive: once, and only after the site itself has
 * found it in storage.
 */
final class JobCompletion
{
    public function __construct(
        private readonly Database $database,
        private readonly JobStore $jobs,
        private readonly LeaseKeeper $leases,
        private readonly RawFrames $raws,
        private readonly StackVerifier $verifier,
        private readonly StackRegister $register,
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
        $job->kind === JobKind::Rescan ? self::checkSolved($report) : self::checkCounts($job, $report);
        $this->checkPaths($job, $report);
        $this->leases->touch($job);
        return $this->archive($job, $holder, $report, $this->verifier->verify($report));
    }

    private function repeated(Job $job, LeaseHolder $holder, CompletionReport $report): ?int
    {
        if ($job->status !== JobStatus::Completed || !$holder->matches($job)) {
            return null;
        }
        $row = $this->register->of($job);
        $same = $row !== null && $row['ucloud_path'] === $report->path && $row['sha256'] === ($report->sha256 ?? $row['sha256']);
        return $same ? (int) $row['id'] : null;
    }

    private static function checkCounts(Job $job, CompletionReport $report): void
    {
        if ($report->framesAligned === null) {
            throw HttpError::badRequest("'n_frames_aligned' is missing; a stack holds at least 1 frame");
        }
        $input = $report->framesInput ?? $job->frameCount;
        if ($input > $job->frameCount) {
            throw HttpError::badRequest("'n_frames_input' is $input, but job {$job->id} has {$job->frameCount} frames");
        }
        if ($report->framesAligned > $input) {
            throw HttpError::badRequest("'n_frames_aligned' is {$report->framesAligned}, but only $input frames went in");
        }
    }

    /** A rescan that finds nothing must not replace what there is. */
    private static function checkSolved(CompletionReport $report): void
    {
        if ($report->measurement?->solution === null) {
            throw HttpError::unprocessable("A rescan is completed with a 'solution'; report one without as failed", 'not_solved');
        }
    }

    private function checkPaths(Job $job, CompletionReport $report): void
    {
        $legal = StoragePath::ofJob($this->storageBase, $job->userId, $job->objectName, $job->chunkKey, $job->id);
        foreach (ResultKind::cases() as $kind) {
            $path = $report->pathOf($kind);
            $names = $legal->names($kind, $job->attemptTag());
            if ($path !== null && !in_array($path, $names, true)) {
                $field = $kind === ResultKind::Stack ? 'ucloud_path' : "{$kind->value}_path";
                throw HttpError::unprocessable("'$field' must be " . implode(' or ', $names), 'illegal_path');
            }
        }
    }

    private function archive(Job $job, LeaseHolder $holder, CompletionReport $report, VerifiedResult $result): int
    {
        return $this->database->transaction(function () use ($job, $holder, $report, $result): int {
            $now = Utc::stored($this->clock->now());
            $moved = $this->jobs->move(
                $job,
                JobStatus::Completed,
                self::finalColumns($now),
                "worker:{$job->workerName}",
                'completed',
                self::summary($job, $report),
            );
            if (!$moved) {
                // Another request may have reported the same stack while this one was verifying it.
                return $this->repeated($this->jobs->get($job->id), $holder, $report)
                    ?? throw new LeaseLost($job->id, 'the job was taken back while its stack was verified');
            }
            $this->workers->countCompleted((int) $job->apiKeyId, (string) $job->workerName);
            $dueAt = Utc::storedBefore($this->clock->now(), -3600 * $this->rawGraceHours);
            if ($job->kind === JobKind::Rescan) {
                return $this->register->replace($job, $report, $result, $now, $dueAt);
            }
            $this->raws->markDue($job->id, $dueAt);
            return $this->register->add($job, $report, $result, $now);
        }, durable: true);
    }

    private static function summary(Job $job, CompletionReport $report): string
    {
        return $job->kind === JobKind::Rescan
            ? "solved by {$report->measurement?->solution?->solver}, {$report->path}"
            : "{$report->framesAligned} frames combined, {$report->path}";
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
}
