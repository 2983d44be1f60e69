<?php

declare(strict_types=1);

namespace CrowdSky\Pages\Admin;

use CrowdSky\Pages\Texts;

/** Words of the database in the language of an operator. */
final class OperatorWords
{
    /** What a kind of job makes. */
    public static function kind(Texts $texts, string $kind): string
    {
        return match ($kind) {
            'stack' => $texts->say('Stacks'),
            'rescan' => $texts->say('Measured again'),
            'uploaded' => $texts->say('Uploaded stacks'),
            'hips' => $texts->say('Sky tiles'),
            'calibrate' => $texts->say('Calibrations'),
            'series' => $texts->say('Series'),
            'hats' => $texts->say('Export'),
            default => $kind,
        };
    }

    /** Why subs were left out of a stack, see Results\RejectionCauses. */
    public static function cause(Texts $texts, string $cause): string
    {
        return match ($cause) {
            'blurred' => $texts->say('Stars blurred'),
            'trailed' => $texts->say('Stars trailed'),
            'cloud' => $texts->say('Cloud'),
            'noisy' => $texts->say('Too noisy'),
            'sky' => $texts->say('Uneven sky'),
            'stars' => $texts->say('Too few stars'),
            'place' => $texts->say('Does not fit the others'),
            'kind' => $texts->say('Taken otherwise'),
            'file' => $texts->say('Broken file'),
            default => $texts->say('Other causes'),
        };
    }
}
