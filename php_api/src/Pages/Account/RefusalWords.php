<?php

declare(strict_types=1);

namespace CrowdSky\Pages\Account;

use CrowdSky\Base\Refusal;
use CrowdSky\Pages\Texts;

/** What a form says in the reader's language about why it was refused. */
final class RefusalWords
{
    public static function of(Refusal $refusal, Texts $texts): string
    {
        return ($refusal->field() === null ? null : self::atField($refusal->errorCode, $texts)) ?? $texts->repeat($refusal->getMessage());
    }

    /** What a program is told with the name of the field, for who sees the message beside it. */
    private static function atField(string $code, Texts $texts): ?string
    {
        return match ($code) {
            'name_taken' => $texts->say('There is a key of this name already. Choose another name, or revoke that key first.'),
            'no_scope' => $texts->say('Choose what the key may do: tick at least one box.'),
            'no_day' => $texts->say('This must be a day such as 2027-12-31.'),
            'no_number' => $texts->say('This must be a number such as 2.5.'),
            'no_hours' => $texts->say('This must be a whole number of hours.'),
            'no_period' => $texts->say('This must be a number of days, such as 0.5274.'),
            'no_julian_date' => $texts->say('This must be a Julian date such as 2461000.5.'),
            'no_zone' => $texts->say('This must be a time zone such as Europe/Vienna.'),
            'no_choice' => $texts->say('Choose one of these.'),
            'too_long' => $texts->say('This text is too long.'),
            default => null,
        };
    }
}
