<?php

declare(strict_types=1);

namespace CrowdSky\Workers;

/**
 * A key to a part of the API. It holds not the key itself, only what identifies it to people.
 */
final class ApiKey
{
    /** @param list<string> $scopes */
    private function __construct(
        public readonly int $id,
        public readonly string $kind,
        public readonly ?int $userId,
        public readonly string $name,
        public readonly string $hint,
        public readonly array $scopes,
        public readonly string $createdAt,
        public readonly ?string $lastUsedAt,
        public readonly ?string $lastIp,
        public readonly ?string $expiresAt,
        public readonly ?string $revokedAt,
        /** consecutive confirmed results of a volunteer */
        public readonly int $agreedInRow,
        /** since when the key gets no work because one of its results was found wrong */
        public readonly ?string $quarantinedAt,
        public readonly ?string $quarantineReason,
    ) {
    }

    /** @param array<string, mixed> $row of api_keys */
    public static function fromRow(array $row): self
    {
        return new self(
            id: (int) $row['id'],
            kind: $row['kind'],
            userId: $row['user_id'] === null ? null : (int) $row['user_id'],
            name: $row['name'],
            hint: $row['key_hint'],
            scopes: explode(' ', $row['scopes']),
            createdAt: $row['created_at'],
            lastUsedAt: $row['last_used_at'],
            lastIp: $row['last_ip'],
            expiresAt: $row['expires_at'],
            revokedAt: $row['revoked_at'],
            agreedInRow: (int) $row['agreed_in_row'],
            quarantinedAt: $row['quarantined_at'],
            quarantineReason: $row['quarantine_reason'],
        );
    }

    public function level(): TrustLevel
    {
        return TrustLevel::ofScopes($this->scopes);
    }

    public function allows(string $scope): bool
    {
        return in_array($scope, $this->scopes, true);
    }

    /** @param string $now stored form */
    public function isValid(string $now): bool
    {
        return $this->revokedAt === null && ($this->expiresAt === null || $this->expiresAt > $now);
    }
}
