<?php

declare(strict_types=1);

namespace CrowdSky\Accounts;

use CrowdSky\Base\Clock;
use CrowdSky\Base\Utc;
use CrowdSky\Database\Database;

/** Codes for one use that are sent by mail. The database has only their hashes. */
final class MailedCodes
{
    public const PASSWORD = 'password';
    public const ADDRESS = 'address';
    /** Seconds for which a code is valid. */
    public const LIFETIME = [self::PASSWORD => 3600, self::ADDRESS => 3 * 86400];
    /** 130 random bits. */
    private const CHARACTERS = 26;

    public function __construct(private readonly Database $database, private readonly Clock $clock)
    {
    }

    /**
     * @param string|null $email address that the code is sent to; null for a code that an admin hands over
     * @return string the code, which cannot be had again
     */
    public function issue(int $userId, string $purpose, ?string $email): string
    {
        $code = TypedCode::make(self::CHARACTERS);
        $now = $this->clock->now();
        $this->database->execute('DELETE FROM mailed_codes WHERE expires_at <= ?', [Utc::stored($now)]);
        $this->database->insert('mailed_codes', [
            'user_id' => $userId,
            'purpose' => $purpose,
            'email' => $email,
            'code_hash' => TypedCode::hash($code),
            'created_at' => Utc::stored($now),
            'expires_at' => Utc::storedBefore($now, -self::LIFETIME[$purpose]),
        ]);

        return $code;
    }

    /**
     * Uses a code up, and with it all others of that purpose which its account has; of several calls at once, one succeeds.
     *
     * @return array{userId: int, email: string|null}|null null when there is no such code, or it has been used or expired
     */
    public function redeem(#[\SensitiveParameter] string $code, string $purpose): ?array
    {
        $hash = TypedCode::hash($code);
        $row = $this->database->one(
            'SELECT id, user_id, email FROM mailed_codes WHERE code_hash = ? AND purpose = ? AND expires_at > ?',
            [$hash, $purpose, Utc::stored($this->clock->now())]
        );
        if ($row === null || $this->database->execute('DELETE FROM mailed_codes WHERE id = ?', [$row['id']]) !== 1) {
            return null;
        }
        $this->forget((int) $row['user_id'], $purpose);

        return ['userId' => (int) $row['user_id'], 'email' => $row['email']];
    }

    public function isValid(#[\SensitiveParameter] string $code, string $purpose): bool
    {
        return $this->database->value(
            'SELECT 1 FROM mailed_codes WHERE code_hash = ? AND purpose = ? AND expires_at > ?',
            [TypedCode::hash($code), $purpose, Utc::stored($this->clock->now())]
        ) !== null;
    }

    /** Makes the codes of an account useless. */
    public function forget(int $userId, string $purpose): void
    {
        $this->database->execute('DELETE FROM mailed_codes WHERE user_id = ? AND purpose = ?', [$userId, $purpose]);
    }

    /** @return string|null the address that waits to be confirmed */
    public function awaitedAddress(int $userId): ?string
    {
        $email = $this->database->value(
            'SELECT email FROM mailed_codes WHERE user_id = ? AND purpose = ? AND expires_at > ? ORDER BY id DESC LIMIT 1',
            [$userId, self::ADDRESS, Utc::stored($this->clock->now())]
        );

        return is_string($email) ? $email : null;
    }
}
