<?php

declare(strict_types=1);

namespace CrowdSky\Accounts;

use CrowdSky\Base\Clock;
use CrowdSky\Base\Utc;
use CrowdSky\Database\Database;
use CrowdSky\Database\DuplicateKey;

/** The e-mail addresses of accounts: which one, whether it is confirmed, and its change. */
final class Addresses
{
    public function __construct(private readonly Database $database, private readonly Clock $clock)
    {
    }

    /** @return array{email: string|null, verifiedAt: string|null} */
    public function of(int $userId): array
    {
        $row = $this->database->one('SELECT email, email_verified_at FROM users WHERE id = ?', [$userId]);

        return ['email' => $row['email'] ?? null, 'verifiedAt' => $row['email_verified_at'] ?? null];
    }

    /** @return array{id: int, username: string, email: string}|null the account that may get a new password by mail */
    public function withMail(string $email): ?array
    {
        $row = $this->database->one(
            'SELECT id, username, email FROM users WHERE email = ? AND is_active = 1',
            [trim($email)]
        );

        return $row === null ? null : ['id' => (int) $row['id'], 'username' => $row['username'], 'email' => $row['email']];
    }

    /**
     * Enters the address of an account, or removes it.
     *
     * @param bool $isConfirmed whether its owner has shown that it is theirs
     * @throws AccountRefused when it is no address, or another account has it
     */
    public function set(int $userId, ?string $email, bool $isConfirmed): void
    {
        $email = Accounts::checkedEmail($email);
        $verifiedAt = $isConfirmed && $email !== null ? Utc::stored($this->clock->now()) : null;
        try {
            $this->database->execute('UPDATE users SET email = ?, email_verified_at = ? WHERE id = ?', [$email, $verifiedAt, $userId]);
        } catch (DuplicateKey $duplicate) {
            throw AccountRefused::taken($duplicate);
        }
    }
}
