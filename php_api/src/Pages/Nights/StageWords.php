<?php

declare(strict_types=1);

namespace CrowdSky\Pages\Nights;

use CrowdSky\Jobs\JobKind;
use CrowdSky\Pages\Texts;

/** The stages of a job in words, and which of them a job goes through; docs/worker.md names them as workers report them. */
final class StageWords
{
    /** Stages that pages show as steps, in order. */
    private const STEPS = ['download', 'stack', 'solve', 'measure', 'overlay', 'upload'];
    /** The step that a stage belongs to which is none itself. */
    private const PART_OF = ['claimed' => 'download', 'list' => 'download', 'wait' => 'stack', 'complete' => 'upload'];

    /** @return list<string> the stages that a job of a kind shows as steps; none where they mean little to people */
    public static function steps(JobKind $kind): array
    {
        return match ($kind) {
            JobKind::Stack => self::STEPS,
            JobKind::Rescan, JobKind::Uploaded => array_values(array_diff(self::STEPS, ['stack'])),
            default => [],
        };
    }

    /** The step at which a job is in a stage, null for a stage that is not known. */
    public static function stepOf(string $stage): ?string
    {
        $step = self::PART_OF[$stage] ?? $stage;

        return in_array($step, self::STEPS, true) ? $step : null;
    }

    /** What a step is called. */
    public static function step(Texts $texts, string $step): string
    {
        return match ($step) {
            'download' => $texts->say('Download'),
            'stack' => $texts->say('Stack'),
            'solve' => $texts->say('Solve'),
            'measure' => $texts->say('Measure'),
            'overlay' => $texts->say('Pictures'),
            'upload' => $texts->say('Upload'),
        };
    }

    /** What the worker does in a stage; a stage that is not known is named as it is. */
    public static function doing(Texts $texts, string $stage): string
    {
        return match ($stage) {
            'claimed' => $texts->say('A worker has taken it'),
            'list' => $texts->say('Getting the list of files'),
            'download' => $texts->say('Downloading'),
            'wait' => $texts->say('Waiting for a free processor'),
            'stack' => $texts->say('Stacking'),
            'solve' => $texts->say('Finding the place on the sky'),
            'measure' => $texts->say('Measuring the stars'),
            'overlay' => $texts->say('Making the pictures'),
            'upload' => $texts->say('Uploading the result'),
            'complete' => $texts->say('Handing over the result'),
            '' => $texts->say('Working'),
            default => $stage,
        };
    }
}
