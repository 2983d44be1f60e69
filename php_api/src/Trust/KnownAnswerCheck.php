<?php

declare(strict_types=1);

namespace CrowdSky\Trust;

use CrowdSky\Database\Database;
use CrowdSky\Jobs\Job;
use CrowdSky\Jobs\JobStatus;
use CrowdSky\Jobs\JobStore;
use CrowdSky\Results\CompletionReport;
use CrowdSky\Results\Settlement;
use CrowdSky\Results\VerifiedResult;

/**
 * Compares the result of a check with the archived stack. The volunteer gets the same answer as for a held result of
 * any other job.
 */
final class KnownAnswerCheck
{
    public function __construct(
        private readonly Database $database,
        private readonly JobStore $jobs,
        private readonly HeldResults $held,
        private readonly Verdicts $verdicts,
        private readonly FigureReader $figures,
    ) {
    }

    /** @return Settlement|null null when the job has changed since it was read; then nothing is written */
    public function settle(Job $check, CompletionReport $report, VerifiedResult $result): ?Settlement
    {
        $figures = $this->figures->ofNew($report, $result);
        $answer = $this->figures->ofArchived((int) $check->checksJobId);
        return $this->database->transaction(function () use ($check, $report, $result, $figures, $answer): ?Settlement {
            $ended = $this->jobs->move($check, JobStatus::Pending, [
                'last_outcome' => Settlement::HELD,
                ...Job::NO_LEASE,
                'not_before' => null,
            ], "worker:{$check->workerName}", 'held');
            if (!$ended) {
                return null;
            }
            $this->held->add($check, $report, $result, $figures, null);
            if ($answer === null) {
                $this->held->drop($check->id);
                return Settlement::held();
            }
            return Settlement::held($this->verdicts->judge($this->held->ofJob($check->id), $answer, $check->checksJobId));
        });
    }
}
