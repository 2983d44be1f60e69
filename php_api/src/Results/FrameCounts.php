<?php

declare(strict_types=1);

namespace CrowdSky\Results;

use CrowdSky\Database\Database;
use CrowdSky\Jobs\Job;
use CrowdSky\Jobs\JobKind;
use CrowdSky\Jobs\JobRuns;

/** Counts, for operators, the subs in stacks and those that stackers left out, by cause. */
final class FrameCounts
{
    public function __construct(private readonly Database $database, private readonly JobRuns $runs)
    {
    }

    /**
     * Notes what became of the subs of a job; a report need not say it.
     *
     * @param string $now stored form
     */
    public function note(Job $job, CompletionReport $report, string $now): void
    {
        if ($job->kind !== JobKind::Stack || $report->framesAligned === null) {
            return;
        }
        $this->runs->noteFrames($job->id, $report->framesAligned);
        $leftOut = max(0, ($report->framesInput ?? $job->frameCount) - $report->framesAligned);
        foreach ($leftOut === 0 ? [] : RejectionCauses::count($report->notes, $leftOut) as $cause => $n) {
            $this->database->insert('rejected_subs', ['job_id' => $job->id, 'at' => $now, 'cause' => $cause, 'n' => $n]);
        }
    }
}
