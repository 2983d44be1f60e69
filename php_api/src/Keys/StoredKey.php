<?php

declare(strict_types=1);

namespace CrowdSky\Keys;

/** What the site knows of a key, whichever kind it is: everything but the key itself. */
class StoredKey
{
    public readonly int $id;
    /** null for a key that belongs to no user */
    public readonly ?int $userId;
    public readonly string $kind;
    public readonly string $name;
    /** its first characters, for people */
    public readonly string $hint;
    /** @var list<string> what it may be used for */
    public readonly array $scopes;
    /** times in stored form */
    public readonly string $createdAt;
    public readonly ?string $lastUsedAt;
    public readonly ?string $lastIp;
    public readonly ?string $expiresAt;
    public readonly ?string $revokedAt;

    /** @param array<string, mixed> $row of api_keys */
    final protected function __construct(array $row)
    {
        $this->id = (int) $row['id'];
        $this->userId = $row['user_id'] === null ? null : (int) $row['user_id'];
        $this->kind = $row['kind'];
        $this->name = $row['name'];
        $this->hint = $row['key_hint'];
        $this->scopes = explode(' ', $row['scopes']);
        $this->createdAt = $row['created_at'];
        $this->lastUsedAt = $row['last_used_at'];
        $this->lastIp = $row['last_ip'];
        $this->expiresAt = $row['expires_at'];
        $this->revokedAt = $row['revoked_at'];
        $this->read($row);
    }

    /** @param array<string, mixed> $row of api_keys */
    public static function fromRow(array $row): static
    {
        return new static($row);
    }

    public function allows(string $scope): bool
    {
        return in_array($scope, $this->scopes, true);
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

    /**
     * Reads what only keys of one kind have.
     *
     * @param array<string, mixed> $row of api_keys
     */
    protected function read(array $row): void
    {
    }
}
