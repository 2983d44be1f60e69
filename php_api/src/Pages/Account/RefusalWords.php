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
        return match ($refusal->errorCode) {
            'wrong_credentials' => $texts->say('User name or password is wrong, or the account is locked.'),
            'wrong_password' => $texts->say('This is not the password of your account.'),
            'wrong_code' => $texts->say('This code is not valid any more: it was used already, has expired, or is not written rightly.'),
            'wrong_factor' => $texts->say('This code is wrong or was used already. Take the one that the app shows now.'),
            'wrong_name' => $texts->say('This is not the name of your account; nothing was deleted.'),
            'taken' => $texts->say('This user name or e-mail address is already taken. Choose another one.'),
            'awaits_approval' => $texts->say('Your account waits for the operator of this site to approve it. Try again later.'),
            'registration_closed' => $texts->say('Registration is closed on this site. Ask its operator for an account.'),
            'too_many_attempts' => $texts->say(
                'Too many failed attempts. Try again in {minutes} minutes.',
                ['minutes' => intdiv(($refusal->retryAfterSeconds ?? 60) + 59, 60)]
            ),
            default => $refusal->getMessage(),
        };
    }
}
