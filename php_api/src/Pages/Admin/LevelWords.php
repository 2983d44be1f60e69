<?php

declare(strict_types=1);

namespace CrowdSky\Pages\Admin;

use CrowdSky\Pages\Texts;
use CrowdSky\Workers\TrustLevel;

/** How far a worker is trusted, in a word. */
final class LevelWords
{
    public static function of(Texts $texts, TrustLevel $level): string
    {
        return match ($level) {
            TrustLevel::Trusted => $texts->say('trusted'),
            TrustLevel::Standard => $texts->say('standard'),
            TrustLevel::Volunteer => $texts->say('volunteer'),
        };
    }
}
