<?php

declare(strict_types=1);

namespace CrowdSky\Completion;

use CrowdSky\Database\Database;
use CrowdSky\Jobs\Job;
use CrowdSky\Jobs\JobStatus;
use CrowdSky\Jobs\JobStore;
use CrowdSky\Jobs\LeaseHolder;
use CrowdSky\Results\CompletionReport;
use CrowdSky\Results\JobPublication;
use CrowdSky\Results\Settlement;
use CrowdSky\Results\VerifiedResult;
use CrowdSky\Trust\FigureReader;
use CrowdSky\Trust\HeldResults;
use CrowdSky\Trust\Hold;
use CrowdSky\Trust\TrustPolicy;
use CrowdSky\Trust\Verdicts;
use CrowdSky\Workers\KeyTrust;

/**
 * Publishes a verified result, or holds it until another one agrees, as the trust policy decides.
 */
final class ResultIntake
{
    public function __construct(
        private readonly Database $database,
        private readonly JobStore $jobs,
        private readonly TrustPolicy $policy,
        private readonly FigureReader $figures,
        private readonly HeldResults $held,
        private readonly Verdicts $verdicts,
        private readonly JobPublication $publication,
        private readonly KeyTrust $keys,
    ) {
    }

    /** @return Settlement|null null when the job has changed since it was read; then nothing is written */
    public function settle(Job $job, LeaseHolder $holder, CompletionReport $report, VerifiedResult $result): ?Settlement
    {
        $figures = TrustPolicy::needsFigures($job, $holder) ? $this->figures->ofNew($report, $result) : null;
        return $this->database->transaction(function () use ($job, $holder, $report, $result, $figures): ?Settlement {
            // Written before the waiting results are read, so that no admin can judge them in between.
            if (!$this->jobs->update($job, [])) {
                return null;
            }
            $waiting = $job->nHeld > 0 ? $this->held->comparable($job) : [];
            $decision = $this->policy->decide($job->kind, $holder, $figures, $waiting);
            if ($decision instanceof Hold) {
                $this->hold($job, $report, $result, $decision, count($waiting) + 1);
                return Settlement::held();
            }
            $stackId = $this->publish($job, $holder, $report, $result);
            if ($decision->isConfirmed) {
                $this->keys->credit($holder->apiKeyId);
            }
            return Settlement::published($stackId, $figures === null ? [] : $this->verdicts->judge($waiting, $figures));
        });
    }

    /** @param int $nHeld waiting results of the job, this one included */
    private function hold(Job $job, CompletionReport $report, VerifiedResult $result, Hold $decision, int $nHeld): void
    {
        $this->held->add($job, $report, $result, $decision->figures, $decision->finding);
        $isMoved = $this->jobs->move($job, JobStatus::Pending, [
            'attempts' => $job->attempts - 1,
            'last_outcome' => Settlement::HELD,
            ...Job::NO_LEASE,
            ...Job::NO_PROGRESS,
            'started_at' => null,
            'error_message' => null,
            'n_held' => $nHeld,
        ], "worker:{$job->workerName}", 'held', $decision->finding ?? 'waits for a second opinion');
        if (!$isMoved) {
            throw self::movedUnderLock($job);
        }
    }

    /** @return int id of the stack */
    private function publish(Job $job, LeaseHolder $holder, CompletionReport $report, VerifiedResult $result): int
    {
        $worker = (string) $job->workerName;
        return $this->publication->publish($job, $report, $result, $holder->apiKeyId, $worker, "worker:$worker", 'completed')
            ?? throw self::movedUnderLock($job);
    }

    private static function movedUnderLock(Job $job): \LogicException
    {
        return new \LogicException("Job {$job->id} moved under its own lock");
    }
}
