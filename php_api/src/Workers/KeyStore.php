<?php

declare(strict_types=1);

namespace CrowdSky\Workers;

use CrowdSky\Base\Clock;
use CrowdSky\Base\Utc;
use CrowdSky\Database\Database;

/**
 * Creates, finds and revokes worker keys. A key has 256 random bits, so storing its plain SHA-256 is enough.
 */
final class KeyStore
{
    public const WORKER = 'worker';
    public const SCOPE_JOBS = 'jobs';
    public const SCOPE_CLEANUP = 'cleanup';
    /** Scope for what an admin may ask of the API for other people's stacks. */
    public const SCOPE_ADMIN = 'admin';
    /** Scope for reading api/metrics.php. */
    public const SCOPE_METRICS = 'metrics';
    /** Scope for getting frames unchanged, with the position of the telescope; see Fits\PublicHeader. */
    public const SCOPE_TRUSTED = 'trusted';

    /** Scope of keys whose results wait for a second opinion; see TrustLevel. */
    public const SCOPE_VOLUNTEER = 'volunteer';

    private const SCOPES = [
        self::SCOPE_JOBS,
        self::SCOPE_CLEANUP,
        self::SCOPE_ADMIN,
        self::SCOPE_METRICS,
        self::SCOPE_TRUSTED,
        self::SCOPE_VOLUNTEER,
    ];

    private const PREFIX = 'csw_';
    /** Seconds between two updates of a key's last use; each of them is a write. */
    private const USE_INTERVAL = 300;

    public function __construct(private readonly Database $database, private readonly Clock $clock)
    {
    }

    /**
     * @param list<string> $scopes
     * @return string the key, which cannot be shown again
     */
    public function create(string $name, array $scopes): string
    {
        if (preg_match('/^[\w .@+-]{1,64}$/u', $name) !== 1) {
            throw new \InvalidArgumentException('A key needs a name of 1 to 64 letters, digits, blanks or . @ + - _');
        }
        $unknown = array_diff($scopes, self::SCOPES);
        if ($unknown !== []) {
            throw new \InvalidArgumentException("'" . implode("', '", $unknown) . "' is no scope; choose from " . implode(', ', self::SCOPES));
        }
        if (in_array(self::SCOPE_TRUSTED, $scopes, true) && in_array(self::SCOPE_VOLUNTEER, $scopes, true)) {
            throw new \InvalidArgumentException('A key is either trusted or that of a volunteer');
        }
        $key = self::PREFIX . bin2hex(random_bytes(32));
        $this->database->insert('api_keys', [
            'kind' => self::WORKER,
            'name' => $name,
            'key_hash' => hash('sha256', $key),
            'key_hint' => substr($key, 0, strlen(self::PREFIX) + 6),
            'scopes' => implode(' ', array_unique($scopes)),
            'created_at' => Utc::stored($this->clock->now()),
        ]);
        return $key;
    }

    /** @return ApiKey|null the valid worker key, null for anything else */
    public function find(string $key): ?ApiKey
    {
        $hash = hash('sha256', $key);
        $row = $this->database->one('SELECT * FROM api_keys WHERE key_hash = ? AND kind = ?', [$hash, self::WORKER]);
        if ($row === null || !hash_equals($row['key_hash'], $hash)) {
            return null;
        }
        $found = ApiKey::fromRow($row);
        return $found->isValid(Utc::stored($this->clock->now())) ? $found : null;
    }

    /** Records when and from where a key was last used. */
    public function noteUse(ApiKey $key, string $address): void
    {
        $now = $this->clock->now();
        if ($key->lastUsedAt === null || $key->lastUsedAt <= Utc::storedBefore($now, self::USE_INTERVAL) || $key->lastIp !== $address) {
            $this->database->forgettable(fn () => $this->database->execute(
                'UPDATE api_keys SET last_used_at = ?, last_ip = ? WHERE id = ?',
                [Utc::stored($now), $address, $key->id],
            ));
        }
    }

    /** @return list<ApiKey> worker keys, oldest first */
    public function all(): array
    {
        return array_map(ApiKey::fromRow(...), $this->database->all('SELECT * FROM api_keys WHERE kind = ? ORDER BY id', [self::WORKER]));
    }

    /** @return bool false when there is no such key or it was already revoked */
    public function revoke(int $id): bool
    {
        return $this->database->execute(
            'UPDATE api_keys SET revoked_at = ? WHERE id = ? AND kind = ? AND revoked_at IS NULL',
            [Utc::stored($this->clock->now()), $id, self::WORKER],
        ) === 1;
    }
}
