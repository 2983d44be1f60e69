<?php

declare(strict_types=1);

namespace CrowdSky\Completion;

use CrowdSky\Jobs\Job;
use CrowdSky\Jobs\JobStatus;
use CrowdSky\Jobs\LeaseHolder;
use CrowdSky\Results\CompletionReport;
use CrowdSky\Results\Settlement;
use CrowdSky\Results\StackRegister;
use CrowdSky\Trust\HeldResults;

/**
 * Recognises a report that was answered before, so that a worker whose answer was lost gets the same one again.
 */
final class RepeatedReport
{
    public function __construct(
        private readonly StackRegister $register,
        private readonly HeldResults $held,
    ) {
    }

    /** @return Settlement|null null for a report that is new */
    public function answer(Job $job, LeaseHolder $holder, CompletionReport $report): ?Settlement
    {
        return $this->published($job, $holder, $report)
            ?? ($this->held->wasHeld($job, $holder, $report) ? Settlement::held() : null);
    }

    private function published(Job $job, LeaseHolder $holder, CompletionReport $report): ?Settlement
    {
        if ($job->status !== JobStatus::Completed || !$holder->matches($job)) {
            return null;
        }
        $stack = $this->register->of($job);
        $isSame = $stack !== null
            && $stack['ucloud_path'] === $report->path
            && $stack['sha256'] === ($report->sha256 ?? $stack['sha256']);
        return $isSame ? Settlement::published((int) $stack['id']) : null;
    }
}
