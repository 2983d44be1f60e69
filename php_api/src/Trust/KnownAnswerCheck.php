<?php

declare(strict_types=1);

namespace CrowdSky\Trust;

use CrowdSky\Base\Clock;
use CrowdSky\Base\Utc;
use CrowdSky\Database\Database;
use CrowdSky\Jobs\Job;
use CrowdSky\Jobs\JobStatus;
use CrowdSky\Jobs\JobStore;
use CrowdSky\Results\CompletionReport;
use CrowdSky\Results\Settlement;
use CrowdSky\Results\VerifiedResult;

/**
 * Compares the result of a check with the archived one. The volunteer is told that it is held, as with other jobs.
 */
final class KnownAnswerCheck
{
    public function __construct(
        private readonly Database $database,
        private readonly JobStore $jobs,
        private readonly HeldResults $held,
        private readonly SecondOpinions $opinions,
        private readonly PublishedFigures $published,
        private readonly Clock $clock,
    ) {
    }

    /** @return Settlement|null null when the job has changed since it was read; then nothing is written */
    public function settle(Job $check, CompletionReport $report, VerifiedResult $result): ?Settlement
    {
        $figures = $this->opinions->figures($report, $result);
        $answer = $this->published->ofJob((int) $check->checksJobId);
        return $this->database->transaction(function () use ($check, $report, $result, $figures, $answer): ?Settlement {
            $ended = $this->jobs->move($check, JobStatus::Pending, [
                'last_outcome' => Settlement::HELD,
                ...Job::NO_LEASE,
                'not_before' => null,
            ], "worker:{$check->workerName}", 'held');
            if (!$ended) {
                return null;
            }
            $now = Utc::stored($this->clock->now());
            $this->held->add($check, $report, $result, $figures, null, $now);
            if ($answer === null) {
                $this->held->drop($check->id, $now);
                return Settlement::held();
            }
            return Settlement::held($this->opinions->settle($this->held->ofJob($check->id), $answer, $now, $check->checksJobId));
        });
    }
}
