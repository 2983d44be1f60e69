<?php

declare(strict_types=1);

namespace CrowdSky\Accounts;

/**
 * A key to the data API, without the key itself: one of a user's own, or one of a program that belongs to no user.
 */
final class DataKey
{
    public const PERSONAL = 'user';
    public const SERVICE = 'service';
    /** Scope of a service key that reads private stacks too. */
    public const READ_ALL = 'read:all';

    /** @param list<string> $scopes */
    private function __construct(
        public readonly int $id,
        /** null for a service key */
        public readonly ?int $userId,
        public readonly string $name,
        /** its first characters, for people */
        public readonly string $hint,
        public readonly array $scopes,
        /** times in stored form */
        public readonly string $createdAt,
        public readonly ?string $lastUsedAt,
        public readonly ?string $lastIp,
        public readonly ?string $expiresAt,
        public readonly ?string $revokedAt,
    ) {
    }

    /** @param array<string, mixed> $row of api_keys */
    public static function fromRow(array $row): self
    {
        return new self(
            id: (int) $row['id'],
            userId: $row['user_id'] === null ? null : (int) $row['user_id'],
            name: $row['name'],
            hint: $row['key_hint'],
            scopes: explode(' ', $row['scopes']),
            createdAt: $row['created_at'],
            lastUsedAt: $row['last_used_at'],
            lastIp: $row['last_ip'],
            expiresAt: $row['expires_at'],
            revokedAt: $row['revoked_at'],
        );
    }

    public function readsAll(): bool
    {
        return $this->userId === null && in_array(self::READ_ALL, $this->scopes, true);
    }

    /** @param string $now stored form */
    public function isValid(string $now): bool
    {
        return $this->revokedAt === null && !$this->isExpired($now);
    }

    /** @param string $now stored form */
    public function isExpired(string $now): bool
    {
        return $this->expiresAt !== null && $this->expiresAt <= $now;
    }
}
