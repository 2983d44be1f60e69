<?php

declare(strict_types=1);

namespace CrowdSky\Accounts;

/** The rules for passwords and their bcrypt hashes. */
final class Password
{
    private const MIN_CHARACTERS = 8;

    /** Length beyond which bcrypt ignores the rest; longer passwords are refused rather than silently cut. */
    private const MAX_BYTES = 72;

    private const COST = 10;

    /** The hash of a forgotten random password, verified for unknown names so that they take as long as known ones. */
    private const NOBODY = '$2y$10$1MyWdIuWsgPCYTb2T9/RcezLb7aQCrtZ6BJ2TkTCJQnwn9AXFg9fW';

    /** @throws AccountRefused when the password is too short or cannot be hashed whole */
    public static function check(#[\SensitiveParameter] string $password): void
    {
        if (mb_strlen($password, 'UTF-8') < self::MIN_CHARACTERS) {
            throw AccountRefused::badField('A password needs at least 8 characters.')->at('password');
        }
        if (strlen($password) > self::MAX_BYTES || str_contains($password, "\0")) {
            throw AccountRefused::badField('A password may have at most 72 bytes (72 plain letters).')->at('password');
        }
    }

    public static function hash(#[\SensitiveParameter] string $password): string
    {
        return password_hash($password, PASSWORD_BCRYPT, ['cost' => self::COST]);
    }

    /** @param string|null $hash null when there is no such account; takes as long as a real check */
    public static function verify(#[\SensitiveParameter] string $password, ?string $hash): bool
    {
        return password_verify($password, $hash ?? self::NOBODY) && $hash !== null;
    }
}
