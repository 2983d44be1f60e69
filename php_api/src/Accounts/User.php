<?php

declare(strict_types=1);

namespace CrowdSky\Accounts;

/** An account as the pages see it, without its password. */
final class User
{
    public const ROLE_USER = 'user';
    public const ROLE_ADMIN = 'admin';
    /** Begins the name of an account whose owner has left; no user name can begin so. */
    public const NOBODY = '#';

    public function __construct(
        public readonly int $id,
        public readonly string $username,
        public readonly string $role,
        public readonly bool $isActive,
        public readonly int $sessionEpoch,
        public readonly ?int $quotaBytes,
        /** whether everybody who works on this user's frames may know where they were taken */
        public readonly bool $sharesPosition = false,
        /** whether everybody may see those of this user's stacks for which nothing else was chosen */
        public readonly bool $areStacksPublic = false,
    ) {
    }

    /** @param array<string, mixed> $row of the table users */
    public static function fromRow(array $row): self
    {
        return new self(
            (int) $row['id'],
            (string) $row['username'],
            (string) $row['role'],
            (bool) $row['is_active'],
            (int) $row['session_epoch'],
            $row['quota_bytes'] === null ? null : (int) $row['quota_bytes'],
            (bool) $row['share_position'],
            (bool) $row['stacks_public'],
        );
    }

    /** Whether its owner has left and only public stacks are here still; see Stacks\AccountDeletion. */
    public function hasLeft(): bool
    {
        return str_starts_with($this->username, self::NOBODY);
    }

    public function isAdmin(): bool
    {
        return $this->role === self::ROLE_ADMIN;
    }

    /** Name of this user in the audit trail of a job. */
    public function actor(): string
    {
        return "user:{$this->username}";
    }
}
