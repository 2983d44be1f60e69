<?php

declare(strict_types=1);

namespace CrowdSky\Accounts;

use CrowdSky\Base\Clock;
use CrowdSky\Base\Utc;
use CrowdSky\Database\Database;

/** The logins of browsers: which there are, when each was last used, and their end. */
final class Logins
{
    public const LIFETIME_SECONDS = 7 * 86400;
    /** Seconds between two updates of when a login was last used; each of them is a write. */
    private const SEEN_INTERVAL = 300;

    public function __construct(private readonly Database $database, private readonly Clock $clock)
    {
    }

    /**
     * Records a login, which is also the last login of the account.
     *
     * @return int its number
     */
    public function start(int $userId, string $device, string $address): int
    {
        $now = Utc::stored($this->clock->now());

        return $this->database->transaction(function () use ($userId, $device, $address, $now): int {
            $this->database->execute('UPDATE users SET last_login_at = ? WHERE id = ?', [$now, $userId]);
            // Of everybody: addresses are kept no longer than they are needed.
            $this->database->execute('DELETE FROM logins WHERE created_at < ?', [$this->oldest()]);

            return $this->database->insert('logins', [
                'user_id' => $userId,
                'device' => $device,
                'created_at' => $now,
                'last_seen_at' => $now,
                'last_ip' => $address,
            ]);
        });
    }

    /** The account of a login that has not ended, provided it is active and has not been locked since. */
    public function user(int $loginId, int $epoch, string $address): ?User
    {
        $row = $this->database->one(
            'SELECT u.*, l.last_seen_at, l.last_ip FROM logins l JOIN users u ON u.id = l.user_id WHERE l.id = ? AND l.created_at >= ?',
            [$loginId, $this->oldest()]
        );
        if ($row === null || !$row['is_active'] || (int) $row['session_epoch'] !== $epoch) {
            return null;
        }
        $now = $this->clock->now();
        if ($row['last_seen_at'] <= Utc::storedBefore($now, self::SEEN_INTERVAL) || $row['last_ip'] !== $address) {
            $this->database->forgettable(fn (): int => $this->database->execute(
                'UPDATE logins SET last_seen_at = ?, last_ip = ? WHERE id = ?',
                [Utc::stored($now), $address, $loginId]
            ));
        }

        return User::fromRow($row);
    }

    /** @return list<array<string, mixed>> rows of logins of a user that have not ended, the last used first */
    public function ofUser(int $userId): array
    {
        return $this->database->all(
            'SELECT * FROM logins WHERE user_id = ? AND created_at >= ? ORDER BY last_seen_at DESC, id DESC',
            [$userId, $this->oldest()]
        );
    }

    /** @return bool false when the user has no such login */
    public function end(int $loginId, int $userId): bool
    {
        return $this->database->execute('DELETE FROM logins WHERE id = ? AND user_id = ?', [$loginId, $userId]) === 1;
    }

    /**
     * Ends the logins of a user.
     *
     * @param int|null $keptId of one that stays
     * @return int their number
     */
    public function endAll(int $userId, ?int $keptId = null): int
    {
        return $this->database->execute('DELETE FROM logins WHERE user_id = ? AND id <> ?', [$userId, $keptId ?? 0]);
    }

    private function oldest(): string
    {
        return Utc::storedBefore($this->clock->now(), self::LIFETIME_SECONDS);
    }
}
