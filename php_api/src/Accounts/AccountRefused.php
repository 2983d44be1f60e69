<?php

declare(strict_types=1);

namespace CrowdSky\Accounts;

/** An account could not be made or opened; the message is for the person at the form. */
final class AccountRefused extends \RuntimeException
{
    private function __construct(
        string $message,
        public readonly int $httpStatus,
        public readonly ?int $retryAfterSeconds = null,
        ?\Throwable $cause = null,
    ) {
        parent::__construct($message, 0, $cause);
    }

    public static function badField(string $message): self
    {
        return new self($message, 422);
    }

    public static function taken(\Throwable $cause): self
    {
        return new self('This user name or e-mail address is already taken. Choose another one.', 409, null, $cause);
    }

    public static function closed(): self
    {
        return new self('Registration is closed on this site. Ask its operator for an account.', 403);
    }

    /** One answer for an unknown name, a wrong password and a locked account. */
    public static function wrongCredentials(): self
    {
        return new self('User name or password is wrong, or the account is locked.', 401);
    }

    public static function tooManyAttempts(int $seconds): self
    {
        $minutes = intdiv($seconds + 59, 60);

        return new self("Too many failed attempts. Try again in $minutes minutes.", 429, $seconds);
    }
}
