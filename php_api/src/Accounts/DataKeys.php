<?php

declare(strict_types=1);

namespace CrowdSky\Accounts;

use CrowdSky\Base\Clock;
use CrowdSky\Base\Refusal;
use CrowdSky\Base\Utc;
use CrowdSky\Database\Database;

/**
 * Creates, finds and revokes keys to the data API. A key has 256 random bits, so storing its plain SHA-256 is enough.
 */
final class DataKeys
{
    private const READ = 'read';
    private const PREFIX = 'csk_';
    /** Valid keys of one user. */
    private const MAX_PER_USER = 50;
    /** Seconds between two updates of a key's last use; each of them is a write. */
    private const USE_INTERVAL = 300;

    public function __construct(private readonly Database $database, private readonly Clock $clock)
    {
    }

    /**
     * @param string|null $lastDay `YYYY-MM-DD`, the last day in UTC on which the key is valid; null or empty for no end
     * @return string the key, which cannot be shown again
     * @throws Refusal for a name or day that is not acceptable, and when the user has too many keys
     */
    public function createPersonal(int $userId, string $name, ?string $lastDay): string
    {
        $valid = (int) $this->database->value(
            'SELECT COUNT(*) FROM api_keys WHERE user_id = ? AND kind = ? AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ?)',
            [$userId, DataKey::PERSONAL, $this->now()],
        );
        if ($valid >= self::MAX_PER_USER) {
            throw Refusal::conflict('You have ' . self::MAX_PER_USER . ' keys; revoke one that is not used any more');
        }

        return $this->create(DataKey::PERSONAL, $userId, $name, [self::READ], $lastDay);
    }

    /**
     * @param bool $readsAll whether the key reads private stacks too
     * @param string|null $lastDay as for createPersonal
     * @return string the key, which cannot be shown again
     * @throws Refusal for a name or day that is not acceptable
     */
    public function createService(string $name, bool $readsAll, ?string $lastDay): string
    {
        return $this->create(DataKey::SERVICE, null, $name, $readsAll ? [self::READ, DataKey::READ_ALL] : [self::READ], $lastDay);
    }

    /** @return DataKey|null the valid key; null for anything else, and when its owner's account is locked */
    public function find(string $key): ?DataKey
    {
        $hash = hash('sha256', $key);
        $row = $this->database->one(
            'SELECT k.* FROM api_keys k LEFT JOIN users u ON u.id = k.user_id
              WHERE k.key_hash = ? AND k.kind IN (?, ?) AND (k.user_id IS NULL OR u.is_active = 1)',
            [$hash, DataKey::PERSONAL, DataKey::SERVICE],
        );
        if ($row === null || !hash_equals($row['key_hash'], $hash)) {
            return null;
        }
        $found = DataKey::fromRow($row);

        return $found->isValid($this->now()) ? $found : null;
    }

    /** Records when and from where a key was last used. */
    public function noteUse(DataKey $key, string $address): void
    {
        $now = $this->clock->now();
        if ($key->lastUsedAt === null || $key->lastUsedAt <= Utc::storedBefore($now, self::USE_INTERVAL)) {
            $this->database->forgettable(fn () => $this->database->execute(
                'UPDATE api_keys SET last_used_at = ?, last_ip = ? WHERE id = ?',
                [Utc::stored($now), $address, $key->id],
            ));
        }
    }

    /** @return list<DataKey> of a user, the latest first */
    public function ofUser(int $userId): array
    {
        return array_map(DataKey::fromRow(...), $this->database->all(
            'SELECT * FROM api_keys WHERE user_id = ? AND kind = ? ORDER BY id DESC LIMIT 200',
            [$userId, DataKey::PERSONAL],
        ));
    }

    /** @return list<DataKey> the latest first */
    public function ofServices(): array
    {
        return array_map(DataKey::fromRow(...), $this->database->all(
            'SELECT * FROM api_keys WHERE kind = ? ORDER BY id DESC',
            [DataKey::SERVICE],
        ));
    }

    /**
     * @param int|null $ownerId of a personal key; null for a service key
     * @return bool false when there is no such key, or it was already revoked
     */
    public function revoke(int $id, ?int $ownerId): bool
    {
        $kind = $ownerId === null ? DataKey::SERVICE : DataKey::PERSONAL;

        return $this->database->execute(
            'UPDATE api_keys SET revoked_at = ? WHERE id = ? AND kind = ? AND revoked_at IS NULL AND COALESCE(user_id, 0) = ?',
            [$this->now(), $id, $kind, $ownerId ?? 0],
        ) === 1;
    }

    /** @param list<string> $scopes */
    private function create(string $kind, ?int $userId, string $name, array $scopes, ?string $lastDay): string
    {
        $name = trim($name);
        if (preg_match('/^[\p{L}\p{N} ._@+-]{1,64}$/Du', $name) !== 1) {
            throw Refusal::badInput('A key needs a name of 1 to 64 letters, digits, blanks or . @ + - _');
        }
        $key = self::PREFIX . bin2hex(random_bytes(32));
        $this->database->insert('api_keys', [
            'kind' => $kind,
            'user_id' => $userId,
            'name' => $name,
            'key_hash' => hash('sha256', $key),
            'key_hint' => substr($key, 0, strlen(self::PREFIX) + 6),
            'scopes' => implode(' ', $scopes),
            'created_at' => $this->now(),
            'expires_at' => $this->end($lastDay),
        ]);

        return $key;
    }

    /** @return string|null stored form of the last second of a day */
    private function end(?string $lastDay): ?string
    {
        if ($lastDay === null || trim($lastDay) === '') {
            return null;
        }
        if (preg_match('/^(\d{4})-(\d\d)-(\d\d)$/D', trim($lastDay), $match) !== 1 || !checkdate((int) $match[2], (int) $match[3], (int) $match[1])) {
            throw Refusal::badInput("The last day of a key must be a date such as 2027-12-31, not '" . mb_substr($lastDay, 0, 40) . "'");
        }
        $end = trim($lastDay) . ' 23:59:59';

        return $end > $this->now() ? $end : throw Refusal::badInput('The last day of a key must not be in the past');
    }

    private function now(): string
    {
        return Utc::stored($this->clock->now());
    }
}
