<?php

declare(strict_types=1);

namespace CrowdSky\Keys;

use CrowdSky\Base\Clock;
use CrowdSky\Base\Refusal;
use CrowdSky\Base\Utc;
use CrowdSky\Database\Database;
use CrowdSky\Database\DuplicateKey;

/**
 * The table of keys of every kind. A key has 256 random bits, so storing its plain SHA-256 is enough.
 *
 * The keys of one owner have different names, in upper or lower case; the name of a revoked key can be used again.
 */
final class KeyTable
{
    /** Seconds between two updates of a key's last use; each of them is a write. */
    private const USE_INTERVAL = 300;
    /** Characters of a key behind its prefix that its hint shows. */
    private const HINT_CHARACTERS = 6;

    public function __construct(private readonly Database $database, private readonly Clock $clock)
    {
    }

    /**
     * @param int|null $userId null for a key that belongs to no user
     * @param string $prefix of the key, which says its kind to people
     * @param list<string> $scopes
     * @param string|null $expiresAt stored form, null for no end
     * @return string the key, which cannot be shown again
     * @throws Refusal for a name that is not acceptable or that another key of the owner has
     */
    public function create(string $kind, ?int $userId, string $name, string $prefix, array $scopes, ?string $expiresAt = null): string
    {
        $name = trim($name);
        if (preg_match('/^[\p{L}\p{N} ._@+-]{1,64}$/Du', $name) !== 1) {
            throw Refusal::badInput('A key needs a name of 1 to 64 letters, digits, blanks or . @ + - _', 'key_name')->at('name');
        }
        $key = $prefix . bin2hex(random_bytes(32));
        try {
            $this->database->insert('api_keys', [
                'kind' => $kind,
                'user_id' => $userId,
                'name' => $name,
                'name_in_use' => self::nameInUse($kind, $userId, $name),
                'key_hash' => hash('sha256', $key),
                'key_hint' => substr($key, 0, strlen($prefix) + self::HINT_CHARACTERS),
                'scopes' => implode(' ', array_unique($scopes)),
                'created_at' => $this->now(),
                'expires_at' => $expiresAt,
            ]);
        } catch (DuplicateKey $duplicate) {
            $message = "There is a key '$name' already. Choose another name, or revoke that key first.";
            throw Refusal::conflict($message, 'name_taken', $duplicate)->at('name');
        }

        return $key;
    }

    /**
     * @param non-empty-list<string> $kinds
     * @return array<string, mixed>|null row of api_keys, also of a key that is not valid any more
     */
    public function byPlain(#[\SensitiveParameter] string $key, array $kinds): ?array
    {
        $hash = hash('sha256', $key);
        $row = $this->database->one('SELECT * FROM api_keys WHERE key_hash = ?', [$hash]);
        $isFound = $row !== null && hash_equals($row['key_hash'], $hash) && in_array($row['kind'], $kinds, true);

        return $isFound ? $row : null;
    }

    /** Records when and from where a key was last used. */
    public function noteUse(StoredKey $key, string $address): void
    {
        $now = $this->clock->now();
        if ($key->lastUsedAt === null || $key->lastUsedAt <= Utc::storedBefore($now, self::USE_INTERVAL) || $key->lastIp !== $address) {
            $this->database->forgettable(fn () => $this->database->execute(
                'UPDATE api_keys SET last_used_at = ?, last_ip = ? WHERE id = ?',
                [Utc::stored($now), $address, $key->id],
            ));
        }
    }

    /**
     * @param int|null $userId of the owner, null for a key that belongs to no user
     * @return bool false when the owner has no such key, or it was already revoked
     */
    public function revoke(int $id, string $kind, ?int $userId): bool
    {
        return $this->database->execute(
            'UPDATE api_keys SET revoked_at = ?, name_in_use = NULL
              WHERE id = ? AND kind = ? AND revoked_at IS NULL AND COALESCE(user_id, 0) = ?',
            [$this->now(), $id, $kind, $userId ?? 0],
        ) === 1;
    }

    /**
     * @param string|null $lastDay `YYYY-MM-DD`, the last day in UTC on which a key is valid; null or empty for no end
     * @return string|null stored form of the last second of the day
     * @throws Refusal for what is no day, and for one in the past
     */
    public function endOf(?string $lastDay): ?string
    {
        if ($lastDay === null || trim($lastDay) === '') {
            return null;
        }
        if (preg_match('/^(\d{4})-(\d\d)-(\d\d)$/D', trim($lastDay), $match) !== 1 || !checkdate((int) $match[2], (int) $match[3], (int) $match[1])) {
            throw Refusal::badInput("The last day of a key must be a date such as 2027-12-31, not '" . mb_substr($lastDay, 0, 40) . "'", 'no_day')->at('last_day');
        }
        $end = trim($lastDay) . ' 23:59:59';

        return $end > $this->now() ? $end : throw Refusal::badInput('The last day of a key must not be in the past')->at('last_day');
    }

    public function now(): string
    {
        return Utc::stored($this->clock->now());
    }

    private static function nameInUse(string $kind, ?int $userId, string $name): string
    {
        return "$kind:" . ($userId ?? 0) . ':' . mb_strtolower($name, 'UTF-8');
    }
}
