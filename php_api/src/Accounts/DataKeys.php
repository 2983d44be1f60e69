<?php

declare(strict_types=1);

namespace CrowdSky\Accounts;

use CrowdSky\Base\Clock;
use CrowdSky\Base\Refusal;
use CrowdSky\Database\Database;
use CrowdSky\Keys\KeyTable;

/** Creates, finds and revokes the keys of users and services. */
final class DataKeys
{
    public const PREFIX = 'csk_';
    /** Valid keys of one user. */
    private const MAX_PER_USER = 50;

    private readonly KeyTable $table;

    public function __construct(private readonly Database $database, Clock $clock)
    {
        $this->table = new KeyTable($database, $clock);
    }

    /**
     * @param list<string> $scopes of DataKey::PERSONAL_SCOPES
     * @param string|null $lastDay `YYYY-MM-DD`, the last day in UTC on which the key is valid; null or empty for no end
     * @return string the key, which cannot be shown again
     * @throws Refusal for a name, scope or day that is not acceptable, and when the user has too many keys
     */
    public function createPersonal(int $userId, string $name, array $scopes, ?string $lastDay): string
    {
        if ($scopes === [] || array_diff($scopes, DataKey::PERSONAL_SCOPES) !== []) {
            throw Refusal::badInput("Choose what the key may do: 'scopes' are " . implode(' and ', DataKey::PERSONAL_SCOPES), 'no_scope')->at('scopes[]');
        }
        $valid = (int) $this->database->value(
            'SELECT COUNT(*) FROM api_keys WHERE user_id = ? AND kind = ? AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ?)',
            [$userId, DataKey::PERSONAL, $this->table->now()],
        );
        if ($valid >= self::MAX_PER_USER) {
            throw Refusal::conflict('You have ' . self::MAX_PER_USER . ' keys; revoke one that is not used any more');
        }

        return $this->table->create(DataKey::PERSONAL, $userId, $name, self::PREFIX, $scopes, $this->table->endOf($lastDay));
    }

    /**
     * @param bool $readsAll whether the key reads private stacks too
     * @param string|null $lastDay as for createPersonal
     * @return string the key, which cannot be shown again
     * @throws Refusal for a name or day that is not acceptable
     */
    public function createService(string $name, bool $readsAll, ?string $lastDay): string
    {
        $scopes = $readsAll ? [DataKey::READ, DataKey::READ_ALL] : [DataKey::READ];

        return $this->table->create(DataKey::SERVICE, null, $name, self::PREFIX, $scopes, $this->table->endOf($lastDay));
    }

    /** @return DataKey|null the valid key; null for anything else, and when its owner's account is locked */
    public function find(#[\SensitiveParameter] string $key): ?DataKey
    {
        $row = $this->table->byPlain($key, [DataKey::PERSONAL, DataKey::SERVICE]);
        $found = $row === null ? null : DataKey::fromRow($row);
        if ($found === null || !$found->isValid($this->table->now())) {
            return null;
        }
        $isLocked = $found->userId !== null
            && (int) $this->database->value('SELECT is_active FROM users WHERE id = ?', [$found->userId]) !== 1;

        return $isLocked ? null : $found;
    }

    /** Records when and from where a key was last used. */
    public function noteUse(DataKey $key, string $address): void
    {
        $this->table->noteUse($key, $address);
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
        return $this->table->revoke($id, $ownerId === null ? DataKey::SERVICE : DataKey::PERSONAL, $ownerId);
    }
}
