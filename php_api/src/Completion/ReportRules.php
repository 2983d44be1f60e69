<?php

declare(strict_types=1);

namespace CrowdSky\Completion;

use CrowdSky\Base\Refusal;
use CrowdSky\Jobs\Job;
use CrowdSky\Jobs\JobKind;
use CrowdSky\Results\CompletionReport;
use CrowdSky\Results\ResultKind;
use CrowdSky\Results\ResultPath;
use CrowdSky\Trust\HeldResults;

/**
 * Refuses a report that contradicts its job, before anything is read from storage.
 */
final class ReportRules
{
    public function __construct(
        private readonly HeldResults $held,
        private readonly string $storageBase,
    ) {
    }

    /** @throws Refusal for figures that cannot be true, and for a path that is not one of the run's */
    public function require(Job $job, CompletionReport $report): void
    {
        $call = $job->kind->resultCall();
        if ($call !== null) {
            throw Refusal::badInput("Job {$job->id} makes no stack; its result completes it when that is sent to $call");
        }
        match ($job->kind) {
            JobKind::Rescan => self::requireSolution($report),
            JobKind::Uploaded => self::requireFigures((array) $job->options, $report),
            default => self::requireCounts($job, $report),
        };
        $this->requirePaths($job, $report);
    }

    /** Refuses a rescan without a solution: it must not replace an existing measurement. */
    private static function requireSolution(CompletionReport $report): void
    {
        if ($report->measurement?->solution === null) {
            throw Refusal::unusable("A rescan is completed with a 'solution'; report one without as failed", 'not_solved');
        }
    }

    /**
     * The figures of an uploaded stack are what its uploader said.
     *
     * @param array<string, mixed> $options of the job
     */
    private static function requireFigures(array $options, CompletionReport $report): void
    {
        $reported = ['frames_input' => $report->framesInput, 'frames_aligned' => $report->framesAligned, 'total_exptime' => $report->totalExposure];
        foreach ($reported as $name => $value) {
            if ($value === null || (float) $value !== (float) $options[$name]) {
                throw Refusal::badInput("The uploaded stack has $name = {$options[$name]}, but " . ($value ?? 'nothing') . ' was reported');
            }
        }
    }

    private static function requireCounts(Job $job, CompletionReport $report): void
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

    private function requirePaths(Job $job, CompletionReport $report): void
    {
        $legal = ResultPath::ofJob($this->storageBase, $job->userId, $job->objectName, $job->chunkKey, $job->id);
        foreach (ResultKind::cases() as $kind) {
            $path = $report->pathOf($kind);
            $names = $legal->names($kind, $job->attemptTag());
            if ($path !== null && !in_array($path, $names, true)) {
                throw Refusal::unusable("'{$kind->column()}' must be " . implode(' or ', array_slice($names, 0, 2)), 'illegal_path');
            }
        }
        if ($this->held->isTaken($job, $report->path)) {
            throw Refusal::unusable("{$report->path} is the result of another run; store yours under the name of your run", 'illegal_path');
        }
    }
}
