<?php

declare(strict_types=1);

namespace CrowdSky\Pages\Nights;

use CrowdSky\Jobs\RunSteps;
use CrowdSky\Pages\Texts;

/** The steps and stages of a job in words; docs/worker.md names the stages as workers report them. */
final class StageWords
{
    /** What a step is called. */
    public static function step(Texts $texts, string $step): string
    {
        return match ($step) {
            RunSteps::DOWNLOAD => $texts->say('Download'),
            RunSteps::STACK => $texts->say('Stack'),
            RunSteps::SOLVE => $texts->say('Solve'),
            RunSteps::MEASURE => $texts->say('Measure'),
            RunSteps::OVERLAY => $texts->say('Pictures'),
            RunSteps::UPLOAD => $texts->say('Upload'),
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
