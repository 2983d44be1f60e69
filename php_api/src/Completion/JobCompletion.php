<?php

declare(strict_types=1);

namespace CrowdSky\Completion;

use CrowdSky\Base\Logger;
use CrowdSky\Base\Refusal;
use CrowdSky\Jobs\Job;
use CrowdSky\Jobs\JobKind;
use CrowdSky\Jobs\JobStore;
use CrowdSky\Jobs\LeaseHolder;
use CrowdSky\Jobs\LeaseLost;
use CrowdSky\Queue\LeaseKeeper;
use CrowdSky\Results\CompletionReport;
use CrowdSky\Results\Settlement;
use CrowdSky\Results\StackVerifier;
use CrowdSky\Trust\KnownAnswerCheck;

/**
 * Takes a finished stack, or one that was solved again, into the archive: once, and only after the site itself has
 * read it back from storage. A volunteer's stack may have to wait for a second opinion first.
 */
final class JobCompletion
{
    public function __construct(
        private readonly JobStore $jobs,
        private readonly LeaseKeeper $leases,
        private readonly RepeatedReport $repeated,
        private readonly ReportRules $rules,
        private readonly StackVerifier $verifier,
        private readonly KnownAnswerCheck $knownAnswer,
        private readonly ResultIntake $intake,
        private readonly Logger $log,
    ) {
    }

    /**
     * Verifies outside any transaction (it may take minutes), then changes state and archive in one commit.
     *
     * @return Settlement the same one when the same report is repeated
     * @throws LeaseLost unless the holder has the lease, had it last and lost it only by time, or repeats its report
     * @throws Refusal for a report that cannot be true, and for a path or an object that is not acceptable
     */
    public function complete(int $jobId, LeaseHolder $holder, CompletionReport $report): Settlement
    {
        $job = $this->jobs->get($jobId);
        $known = $this->repeated->answer($job, $holder, $report);
        if ($known !== null) {
            return $known;
        }
        $this->leases->checkForResult($job, $holder);
        $this->rules->require($job, $report);
        $result = $this->verifier->verify($job, $report);
        $settlement = $job->kind === JobKind::Check
            ? $this->knownAnswer->settle($job, $report, $result)
            : $this->intake->settle($job, $holder, $report, $result);
        foreach ($settlement?->alarms ?? [] as $alarm) {
            $this->log->error($alarm);
        }
        return $settlement ?? $this->answerOvertaken($job, $holder, $report);
    }

    /** Answers for a job that changed meanwhile: another request may have reported the same stack. */
    private function answerOvertaken(Job $job, LeaseHolder $holder, CompletionReport $report): Settlement
    {
        return $this->repeated->answer($this->jobs->get($job->id), $holder, $report)
            ?? throw new LeaseLost($job->id, 'the job was taken back while its stack was verified');
    }
}
