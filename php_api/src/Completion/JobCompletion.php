<?php

declare(strict_types=1);

namespace CrowdSky\Completion;

use CrowdSky\Base\Clock;
use CrowdSky\Base\Logger;
use CrowdSky\Base\Refusal;
use CrowdSky\Base\Utc;
use CrowdSky\Database\Database;
use CrowdSky\Jobs\Job;
use CrowdSky\Jobs\JobKind;
use CrowdSky\Jobs\JobStatus;
use CrowdSky\Jobs\JobStore;
use CrowdSky\Jobs\LeaseHolder;
use CrowdSky\Jobs\LeaseLost;
use CrowdSky\Queue\LeaseKeeper;
use CrowdSky\Results\CompletionReport;
use CrowdSky\Results\JobPublication;
use CrowdSky\Results\ResultKind;
use CrowdSky\Results\ResultPath;
use CrowdSky\Results\Settlement;
use CrowdSky\Results\StackRegister;
use CrowdSky\Results\StackVerifier;
use CrowdSky\Results\VerifiedResult;
use CrowdSky\Trust\HeldResult;
use CrowdSky\Trust\HeldResults;
use CrowdSky\Trust\KnownAnswerCheck;
use CrowdSky\Trust\ResultFigures;
use CrowdSky\Trust\SecondOpinions;
use CrowdSky\Trust\TrustPolicy;
use CrowdSky\Workers\KeyTrust;
use CrowdSky\Workers\TrustLevel;

/**
 * Takes a finished stack, or one that was solved again, into the archive: once, and only after the site itself has read
 * it back from storage. A volunteer's stack may first have to wait for a second opinion.
 */
final class JobCompletion
{
    public function __construct(
        private readonly Database $database,
        private readonly JobStore $jobs,
        private readonly LeaseKeeper $leases,
        private readonly StackVerifier $verifier,
        private readonly StackRegister $register,
        private readonly JobPublication $publication,
        private readonly TrustPolicy $policy,
        private readonly HeldResults $held,
        private readonly SecondOpinions $opinions,
        private readonly KnownAnswerCheck $check,
        private readonly KeyTrust $keys,
        private readonly Logger $log,
        private readonly Clock $clock,
        private readonly string $storageBase,
    ) {
    }

    /**
     * Verifies outside any transaction (it may take minutes), then changes state and archive in one commit.
     *
     * @return Settlement the same again when the same report is repeated
     * @throws LeaseLost unless the holder has the lease, was the last to have it before it ran out, or reports the same
     *         stack again
     * @throws Refusal for a report that cannot be true, and for a path or an object that is not acceptable
     */
    public function complete(int $jobId, LeaseHolder $holder, CompletionReport $report): Settlement
    {
        $job = $this->jobs->get($jobId);
        $known = $this->repeated($job, $holder, $report);
        if ($known !== null) {
            return $known;
        }
        $this->leases->checkForResult($job, $holder);
        $job->kind === JobKind::Rescan ? self::checkSolved($report) : self::checkCounts($job, $report);
        $this->checkPaths($job, $report);
        $result = $this->verifier->verify($report);
        $settlement = $job->kind === JobKind::Check
            ? $this->check->settle($job, $report, $result) ?? $this->lost($job, $holder, $report)
            : $this->settle($job, $holder, $report, $result);
        foreach ($settlement->alarms as $alarm) {
            $this->log->error($alarm);
        }
        return $settlement;
    }

    private function repeated(Job $job, LeaseHolder $holder, CompletionReport $report): ?Settlement
    {
        if ($job->status === JobStatus::Completed && $holder->matches($job)) {
            $row = $this->register->of($job);
            $same = $row !== null && $row['ucloud_path'] === $report->path && $row['sha256'] === ($report->sha256 ?? $row['sha256']);
            if ($same) {
                return Settlement::published((int) $row['id']);
            }
        }
        return $this->held->wasHeld($job, $holder, $report) ? Settlement::held() : null;
    }

    private static function checkCounts(Job $job, CompletionReport $report): void
    {
        if ($report->framesAligned === null) {
            throw Refusal::badInput("'n_frames_aligned' is missing; a stack holds at least 1 frame");
        }
        $input = $report->framesInput ?? $job->frameCount;
        if ($input > $job->frameCount) {
            throw Refusal::badInput("'n_frames_input' is $input, but job {$job->id} has {$job->frameCount} frames");
        }
        if ($report->framesAligned > $input) {
            throw Refusal::badInput("'n_frames_aligned' is {$report->framesAligned}, but only $input frames went in");
        }
    }

    /** A rescan without a solution must not replace an existing measurement. */
    private static function checkSolved(CompletionReport $report): void
    {
        if ($report->measurement?->solution === null) {
            throw Refusal::unusable("A rescan is completed with a 'solution'; report one without as failed", 'not_solved');
        }
    }

    private function checkPaths(Job $job, CompletionReport $report): void
    {
        $legal = ResultPath::ofJob($this->storageBase, $job->userId, $job->objectName, $job->chunkKey, $job->id);
        foreach (ResultKind::cases() as $kind) {
            $path = $report->pathOf($kind);
            $names = $legal->names($kind, $job->attemptTag());
            if ($path !== null && !in_array($path, $names, true)) {
                $field = $kind === ResultKind::Stack ? 'ucloud_path' : "{$kind->value}_path";
                throw Refusal::unusable("'$field' must be " . implode(' or ', $names), 'illegal_path');
            }
        }
        if ($this->held->isTaken($job, $report->path)) {
            throw Refusal::unusable("{$report->path} is the result of another run; store yours under the name of your run", 'illegal_path');
        }
    }

    private function settle(Job $job, LeaseHolder $holder, CompletionReport $report, VerifiedResult $result): Settlement
    {
        $isCompared = $job->nHeld > 0 || $holder->level === TrustLevel::Volunteer;
        $figures = $isCompared ? $this->opinions->figures($report, $result) : null;
        $mustWait = $job->kind === JobKind::Stack && $this->policy->holds($holder->level, $holder->agreedInRow);
        return $this->database->transaction(function () use ($job, $holder, $report, $result, $figures, $mustWait): Settlement {
            // The job's row is written before the waiting results are read, so that no admin can judge them in between.
            if (!$this->jobs->update($job, [])) {
                return $this->lost($job, $holder, $report);
            }
            $waiting = $job->nHeld > 0 ? $this->held->comparable($job, Utc::stored($this->clock->now())) : [];
            return $figures !== null && self::waits($holder, $figures, $mustWait, $waiting)
                ? $this->hold($job, $report, $result, $figures, $waiting)
                : $this->publish($job, $holder, $report, $result, $figures, $waiting);
        });
    }

    /**
     * Only volunteers' results can have to wait, and one of theirs is published once another result agrees.
     *
     * @param list<HeldResult> $waiting
     */
    private static function waits(LeaseHolder $holder, ResultFigures $figures, bool $mustWait, array $waiting): bool
    {
        if ($holder->level !== TrustLevel::Volunteer || $waiting === []) {
            return $mustWait;
        }
        $agreeing = array_filter($waiting, static fn (HeldResult $one): bool => SecondOpinions::differences($figures, $one) === []);
        return $agreeing === [];
    }

    /** @param list<HeldResult> $waiting */
    private function hold(Job $job, CompletionReport $report, VerifiedResult $result, ResultFigures $figures, array $waiting): Settlement
    {
        $findings = array_map(static fn (HeldResult $one): string => implode('; ', SecondOpinions::differences($figures, $one)), $waiting);
        $finding = $findings === [] ? null : implode('; ', $findings);
        $this->held->add($job, $report, $result, $figures, $finding, Utc::stored($this->clock->now()));
        $moved = $this->jobs->move($job, JobStatus::Pending, [
            'attempts' => $job->attempts - 1,
            'last_outcome' => Settlement::HELD,
            ...Job::NO_LEASE,
            ...Job::NO_PROGRESS,
            'started_at' => null,
            'error_message' => null,
            'n_held' => count($waiting) + 1,
        ], "worker:{$job->workerName}", 'held', $finding ?? 'waits for a second opinion');
        return $moved ? Settlement::held() : throw new \LogicException("Job {$job->id} moved under its own lock");
    }

    /** @param list<HeldResult> $waiting */
    private function publish(
        Job $job,
        LeaseHolder $holder,
        CompletionReport $report,
        VerifiedResult $result,
        ?ResultFigures $figures,
        array $waiting,
    ): Settlement {
        $name = (string) $job->workerName;
        $stackId = $this->publication->publish($job, $report, $result, $holder->apiKeyId, $name, "worker:$name", 'completed');
        if ($stackId === null) {
            return $this->lost($job, $holder, $report);
        }
        if ($figures === null || $waiting === []) {
            return Settlement::published($stackId);
        }
        if ($holder->level === TrustLevel::Volunteer) {
            $this->keys->credit($holder->apiKeyId);
        }
        return Settlement::published($stackId, $this->opinions->settle($waiting, $figures, Utc::stored($this->clock->now())));
    }

    /**
     * Handles a job that changed meanwhile: another request may have reported the same stack while this one verified
     * it.
     */
    private function lost(Job $job, LeaseHolder $holder, CompletionReport $report): Settlement
    {
        return $this->repeated($this->jobs->get($job->id), $holder, $report)
            ?? throw new LeaseLost($job->id, 'the job was taken back while its stack was verified');
    }
}
