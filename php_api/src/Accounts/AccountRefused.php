<?php

declare(strict_types=1);

namespace CrowdSky\Accounts;

use CrowdSky\Base\Refusal;
use CrowdSky\Base\RefusalKind;

/** An account could not be created or logged in to; the message is for the person at the form. */
final class AccountRefused extends Refusal
{
    public static function badField(string $message): self
    {
        return new self(RefusalKind::Unusable, 'bad_field', $message);
    }

    public static function taken(\Throwable $cause): self
    {
        $message = 'This user name or e-mail address is already taken. Choose another one.';

        return new self(RefusalKind::Conflict, 'taken', $message, null, $cause);
    }

    public static function closed(): self
    {
        $message = 'Registration is closed on this site. Ask its operator for an account.';

        return new self(RefusalKind::Forbidden, 'registration_closed', $message);
    }

    public static function tooManyAccounts(int $seconds): self
    {
        $hours = intdiv($seconds + 3599, 3600);
        $message = "Too many accounts were created from your network. Try again in $hours hours, or ask the operator of this site.";

        return new self(RefusalKind::TooOften, 'too_many_accounts', $message, $seconds);
    }

    /** For somebody who knows the password of the account. */
    public static function awaitsApproval(): self
    {
        $message = 'Your account waits for the operator of this site to approve it. Try again later.';

        return new self(RefusalKind::Forbidden, 'awaits_approval', $message);
    }

    /** One answer for an unknown name, a wrong password and a locked account. */
    public static function wrongCredentials(): self
    {
        $message = 'User name or password is wrong, or the account is locked.';

        return new self(RefusalKind::LoginNeeded, 'wrong_credentials', $message);
    }

    /** For somebody who is logged in. */
    public static function wrongPassword(): self
    {
        return (new self(RefusalKind::Forbidden, 'wrong_password', 'This is not the password of your account.'))->at('password');
    }

    public static function wrongName(): self
    {
        return (new self(RefusalKind::Forbidden, 'wrong_name', 'This is not the name of your account; nothing was deleted.'))->at('typed_name');
    }

    public static function wrongCode(): self
    {
        $message = 'This code is not valid any more: it was used already, has expired, or is not written rightly.';

        return (new self(RefusalKind::Forbidden, 'wrong_code', $message))->at('code');
    }

    public static function wrongFactor(): self
    {
        $message = 'This code is wrong or was used already. Take the one that the app shows now.';

        return (new self(RefusalKind::Forbidden, 'wrong_factor', $message))->at('code');
    }

    /** For programs, which cannot be asked for a code. */
    public static function keyInstead(): self
    {
        $message = 'This account has a second factor: programs sign in with a key in place of the password.'
            . ' Create one that sends and fetches your files on the page Account.';

        return new self(RefusalKind::PasswordNeeded, 'unauthorized', $message);
    }

    public static function tooManyAttempts(int $seconds): self
    {
        $minutes = intdiv($seconds + 59, 60);
        $message = "Too many failed attempts. Try again in $minutes minutes.";

        return new self(RefusalKind::TooOften, 'too_many_attempts', $message, $seconds);
    }
}
