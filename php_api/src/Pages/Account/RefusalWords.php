<?php

declare(strict_types=1);

namespace CrowdSky\Pages\Account;

use CrowdSky\Accounts\AccountRefused;
use CrowdSky\Pages\Texts;

/** What a form says in the reader's language about why it was refused. */
final class RefusalWords
{
    public static function of(AccountRefused $refusal, Texts $texts): string
    {
        return $texts->repeat($refusal->getMessage());
    }
}
