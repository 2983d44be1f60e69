<?php

declare(strict_types=1);

namespace CrowdSky\Jobs;

/** The steps that a run goes through, and which stages of a worker belong to each; docs/worker.md names the stages. */
final class RunSteps
{
    public const DOWNLOAD = 'download';
    public const STACK = 'stack';
    public const SOLVE = 'solve';
    public const MEASURE = 'measure';
    public const OVERLAY = 'overlay';
    public const UPLOAD = 'upload';

    /** Steps in order; each is also a stage. */
    public const ALL = [self::DOWNLOAD, self::STACK, self::SOLVE, self::MEASURE, self::OVERLAY, self::UPLOAD];
    /** The stage in which a worker waits for other jobs: how long that takes says nothing about the next run. */
    public const WAIT = 'wait';

    /** The step that a stage belongs to which is none itself. */
    private const PART_OF = ['claimed' => self::DOWNLOAD, 'list' => self::DOWNLOAD, self::WAIT => self::STACK, 'complete' => self::UPLOAD];

    /** @return list<string> the steps of a job of a kind; none where they mean little to people */
    public static function of(JobKind $kind): array
    {
        return match ($kind) {
            JobKind::Stack => self::ALL,
            JobKind::Rescan, JobKind::Uploaded => array_values(array_diff(self::ALL, [self::STACK])),
            default => [],
        };
    }

    /** The step at which a run is in a stage, null for a stage that is not known. */
    public static function at(string $stage): ?string
    {
        $step = self::PART_OF[$stage] ?? $stage;

        return in_array($step, self::ALL, true) ? $step : null;
    }
}
