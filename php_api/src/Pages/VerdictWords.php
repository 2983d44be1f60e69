<?php

declare(strict_types=1);

namespace CrowdSky\Pages;

/** How well a stack is solved, in a word. */
final class VerdictWords
{
    public static function of(Texts $texts, ?string $verdict): string
    {
        return match ($verdict) {
            'good' => $texts->say('good'),
            'fair' => $texts->say('fair'),
            'weak' => $texts->say('weak'),
            'unverified' => $texts->say('unverified'),
            default => (string) $verdict,
        };
    }
}
