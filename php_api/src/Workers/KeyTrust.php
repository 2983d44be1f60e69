<?php

declare(strict_types=1);

namespace CrowdSky\Workers;

use CrowdSky\Base\Clock;
use CrowdSky\Base\Refusal;
use CrowdSky\Base\Utc;
use CrowdSky\Database\Database;

/**
 * Stores how far each worker key is trusted: its level, the trust it has earned, and whether it is quarantined.
 */
final class KeyTrust
{
    public function __construct(
        private readonly Database $database,
        private readonly Clock $clock,
    ) {
    }

    /** @throws Refusal when there is no such worker key */
    public function get(int $keyId): ApiKey
    {
        $row = $this->database->one('SELECT * FROM api_keys WHERE id = ? AND kind = ?', [$keyId, KeyStore::WORKER]);
        return $row === null ? throw Refusal::notFound("There is no worker key $keyId") : ApiKey::fromRow($row);
    }

    /** @throws Refusal when the key is quarantined and gets no work */
    public static function requireGood(ApiKey $key): void
    {
        if ($key->quarantinedAt !== null) {
            throw Refusal::forbidden('A result of this key was found wrong; it gets no work until an admin has looked', 'key_quarantined');
        }
    }

    /**
     * Changes the level of a key. A volunteer's earned trust is reset.
     *
     * @throws Refusal when there is no such worker key
     */
    public function setLevel(int $keyId, TrustLevel $level): void
    {
        $this->database->transaction(function () use ($keyId, $level): void {
            $key = $this->get($keyId);
            if ($key->level() !== $level) {
                $scopes = implode(' ', $level->inScopes($key->scopes));
                $this->database->execute('UPDATE api_keys SET scopes = ?, agreed_in_row = 0 WHERE id = ?', [$scopes, $keyId]);
            }
        });
    }

    /** Credits a key with a result that somebody else has confirmed. */
    public function credit(int $keyId): void
    {
        $this->database->execute('UPDATE api_keys SET agreed_in_row = agreed_in_row + 1 WHERE id = ?', [$keyId]);
    }

    /** Resets the earned trust of a key. */
    public function startAnew(int $keyId): void
    {
        $this->database->execute('UPDATE api_keys SET agreed_in_row = 0 WHERE id = ?', [$keyId]);
    }

    /** Gives a key no more work until an admin lifts the quarantine; the first reason stays. */
    public function quarantine(int $keyId, string $reason): void
    {
        $this->startAnew($keyId);
        $this->database->execute(
            'UPDATE api_keys SET quarantined_at = ?, quarantine_reason = ? WHERE id = ? AND quarantined_at IS NULL',
            [Utc::stored($this->clock->now()), $reason, $keyId],
        );
    }

    public function lift(int $keyId): void
    {
        $this->database->execute('UPDATE api_keys SET quarantined_at = NULL, quarantine_reason = NULL WHERE id = ?', [$keyId]);
    }

    /** @return list<ApiKey> valid keys that get no work, oldest quarantine first */
    public function quarantined(): array
    {
        return array_map(ApiKey::fromRow(...), $this->database->all(
            'SELECT * FROM api_keys WHERE quarantined_at IS NOT NULL AND revoked_at IS NULL ORDER BY quarantined_at, id',
        ));
    }
}
