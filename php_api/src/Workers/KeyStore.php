<?php

declare(strict_types=1);

namespace CrowdSky\Workers;

use CrowdSky\Base\Clock;
use CrowdSky\Base\Refusal;
use CrowdSky\Database\Database;
use CrowdSky\Keys\KeyTable;

/**
 * Creates, finds and revokes worker keys.
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

    private readonly KeyTable $table;

    public function __construct(private readonly Database $database, Clock $clock)
    {
        $this->table = new KeyTable($database, $clock);
    }

    /**
     * @param list<string> $scopes
     * @param string|null $lastDay `YYYY-MM-DD`, the last day in UTC on which the key is valid; null or empty for no end
     * @return string the key, which cannot be shown again
     * @throws Refusal for a name, scope or day that is not acceptable
     */
    public function create(string $name, array $scopes, ?string $lastDay = null): string
    {
        $unknown = array_diff($scopes, self::SCOPES);
        if ($unknown !== []) {
            throw Refusal::badInput("'" . implode("', '", $unknown) . "' is no scope; choose from " . implode(', ', self::SCOPES));
        }
        if (in_array(self::SCOPE_TRUSTED, $scopes, true) && in_array(self::SCOPE_VOLUNTEER, $scopes, true)) {
            throw Refusal::badInput('A key is either trusted or that of a volunteer');
        }

        return $this->table->create(self::WORKER, null, $name, self::PREFIX, $scopes, $this->table->endOf($lastDay));
    }

    /** @return ApiKey|null the valid worker key, null for anything else */
    public function find(#[\SensitiveParameter] string $key): ?ApiKey
    {
        $row = $this->table->byPlain($key, [self::WORKER]);
        $found = $row === null ? null : ApiKey::fromRow($row);

        return $found?->isValid($this->table->now()) === true ? $found : null;
    }

    /** Records when and from where a key was last used. */
    public function noteUse(ApiKey $key, string $address): void
    {
        $this->table->noteUse($key, $address);
    }

    /** @return list<ApiKey> worker keys, oldest first */
    public function all(): array
    {
        return array_map(ApiKey::fromRow(...), $this->database->all('SELECT * FROM api_keys WHERE kind = ? ORDER BY id', [self::WORKER]));
    }

    /** @return bool false when there is no such key or it was already revoked */
    public function revoke(int $id): bool
    {
        return $this->table->revoke($id, self::WORKER, null);
    }
}
