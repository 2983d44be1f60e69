<?php

declare(strict_types=1);

namespace CrowdSky\Results;

use CrowdSky\Jobs\Job;
use CrowdSky\Jobs\JobKind;
use CrowdSky\Raws\RawFrames;

/**
 * Collects what the file of a reported stack has to agree with.
 */
final class StackExpectations
{
    public function __construct(private readonly RawFrames $raws)
    {
    }

    /** @param Job|null $job null for a stack that was found in storage and whose job is unknown */
    public function of(?Job $job, CompletionReport $report): ExpectedStack
    {
        $isOfRaws = $job !== null && $job->kind !== JobKind::Rescan;
        // Only stacks in colour can be uploaded.
        $haveColours = $job?->kind === JobKind::Uploaded || $isOfRaws && $this->raws->haveColours($job->framesJobId());
        $layout = StackLayout::of($job?->kind ?? JobKind::Stack, $haveColours);
        if ($job?->kind === JobKind::Rescan) {
            // Frames and figures are those of the archived stack, with which ArchivedCopy compares.
            return new ExpectedStack($layout, null, null, null);
        }
        return new ExpectedStack(
            $layout,
            $job === null ? null : $this->raws->sizeOfJob($job->framesJobId()),
            $report->framesAligned,
            $report->totalExposure,
        );
    }
}
