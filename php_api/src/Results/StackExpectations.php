<?php

declare(strict_types=1);

namespace CrowdSky\Results;

use CrowdSky\Jobs\Job;
use CrowdSky\Raws\RawFrames;

/**
 * Collects what the file of a reported stack has to agree with.
 */
final class StackExpectations
{
    public function __construct(private readonly RawFrames $raws)
    {
    }

    public function of(Job $job, CompletionReport $report): ExpectedStack
    {
        return new ExpectedStack(
            StackLayout::of($job->kind),
            $this->raws->sizeOfJob($job->framesJobId()),
            $report->framesAligned,
            $report->totalExposure,
        );
    }
}
