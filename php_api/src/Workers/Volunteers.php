<?php

declare(strict_types=1);

namespace CrowdSky\Workers;

use CrowdSky\Base\Clock;
use CrowdSky\Base\Refusal;
use CrowdSky\Base\Utc;
use CrowdSky\Database\Database;

/**
 * The way of a user to a volunteer's key: asking, the answer of an admin or of the site itself, and making the key.
 *
 * The key is made by the user, so that no admin ever sees it.
 */
final class Volunteers
{
    public const ASK = 'ask';
    public const GRANT = 'grant';
    public const OFF = 'off';
    private const MAX_NOTE = 500;

    /** @param string $policy ask (an admin grants keys), grant (the site does at once) or off */
    public function __construct(
        private readonly Database $database,
        private readonly Clock $clock,
        private readonly KeyStore $keys,
        private readonly string $policy,
    ) {
    }

    public function isOpen(): bool
    {
        return $this->policy !== self::OFF;
    }

    /** @return VolunteerKey|null null for a user who has never asked */
    public function of(int $userId): ?VolunteerKey
    {
        return $this->found('v.user_id = ?', [$userId])[0] ?? null;
    }

    /** @return list<VolunteerKey> those who wait for an admin, in order */
    public function waiting(): array
    {
        return $this->found('v.state = ?', [VolunteerKey::ASKED]);
    }

    /** @throws Refusal when the site grants no keys, an admin has refused one, or the note is too long */
    public function ask(int $userId, string $note): void
    {
        if (!$this->isOpen()) {
            throw Refusal::forbidden('This site gives no keys to volunteers; ask its operator');
        }
        $note = trim($note);
        if (mb_strlen($note) > self::MAX_NOTE) {
            throw Refusal::badInput('A note has at most ' . self::MAX_NOTE . ' characters', 'too_long')->at('note');
        }
        if ($this->of($userId) !== null) {
            throw Refusal::conflict('You have asked already');
        }
        $now = Utc::stored($this->clock->now());
        $isGranted = $this->policy === self::GRANT;
        $this->database->insert('volunteer_keys', [
            'user_id' => $userId,
            'state' => $isGranted ? VolunteerKey::GRANTED : VolunteerKey::ASKED,
            'note' => $note,
            'asked_at' => $now,
            'decided_at' => $isGranted ? $now : null,
        ]);
    }

    /** @return bool false when the user does not wait any more */
    public function decide(int $userId, bool $isGranted): bool
    {
        return $this->database->execute(
            'UPDATE volunteer_keys SET state = ?, decided_at = ? WHERE user_id = ? AND state = ?',
            [$isGranted ? VolunteerKey::GRANTED : VolunteerKey::DECLINED, Utc::stored($this->clock->now()), $userId, VolunteerKey::ASKED],
        ) === 1;
    }

    /**
     * @return string the key, which cannot be shown again
     * @throws Refusal when none was granted, or there is one that counts
     */
    public function make(int $userId): string
    {
        return $this->database->transaction(function () use ($userId): string {
            // Locks the row: two presses of the button make one key.
            $this->database->execute('UPDATE volunteer_keys SET state = state WHERE user_id = ?', [$userId]);
            $volunteer = $this->of($userId);
            if ($volunteer?->mayMake() !== true) {
                throw Refusal::conflict($volunteer?->key === null ? 'No key has been granted to you yet' : 'You have a key; revoke it first to make another');
            }
            $key = $this->keys->create("volunteer {$volunteer->username}", [KeyStore::SCOPE_JOBS, KeyStore::SCOPE_VOLUNTEER]);
            $id = $this->keys->find($key)?->id ?? throw new \LogicException('a key is gone at once');
            $this->database->execute('UPDATE volunteer_keys SET state = ?, api_key_id = ? WHERE user_id = ?', [VolunteerKey::MADE, $id, $userId]);

            return $key;
        });
    }

    /** @throws Refusal when the user has no key that counts */
    public function revoke(int $userId): void
    {
        $key = $this->of($userId)?->key;
        if ($key === null || !$this->keys->revoke($key->id)) {
            throw Refusal::conflict('You have no key that could be revoked');
        }
    }

    /** What the workers of a key have given. */
    public function givenBy(ApiKey $key): Contribution
    {
        $runs = $this->database->all(
            "SELECT frame_count, started_at, completed_at FROM stacking_jobs WHERE api_key_id = ? AND status = 'completed'",
            [$key->id],
        );
        $seconds = 0;
        foreach ($runs as $run) {
            if ($run['started_at'] !== null && $run['completed_at'] !== null) {
                $seconds += max(0, self::second($run['completed_at']) - self::second($run['started_at']));
            }
        }
        $held = $this->database->value("SELECT COUNT(*) FROM held_results WHERE api_key_id = ? AND state = 'held'", [$key->id]);

        return new Contribution(
            count($runs),
            (int) array_sum(array_column($runs, 'frame_count')),
            $seconds,
            (int) $held,
            $this->database->all('SELECT worker_name, version, last_seen_at, jobs_completed, jobs_failed FROM workers WHERE api_key_id = ? ORDER BY id', [$key->id]),
        );
    }

    private static function second(string $stored): int
    {
        return (new \DateTimeImmutable($stored, new \DateTimeZone('UTC')))->getTimestamp();
    }

    /**
     * @param list<int|string> $values
     * @return list<VolunteerKey>
     */
    private function found(string $where, array $values): array
    {
        $rows = $this->database->all(
            "SELECT v.*, u.username FROM volunteer_keys v JOIN users u ON u.id = v.user_id WHERE $where ORDER BY v.asked_at, v.user_id",
            $values,
        );

        return array_map(fn (array $row): VolunteerKey => VolunteerKey::fromRow($row, $this->key($row['api_key_id'])), $rows);
    }

    private function key(int|string|null $id): ?ApiKey
    {
        $row = $id === null ? null : $this->database->one('SELECT * FROM api_keys WHERE id = ?', [(int) $id]);

        return $row === null ? null : ApiKey::fromRow($row);
    }
}
