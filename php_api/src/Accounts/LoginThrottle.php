<?php

declare(strict_types=1);

namespace CrowdSky\Accounts;

use CrowdSky\Clock;
use CrowdSky\Database\Database;

/**
 * Counts failed logins of the last ten minutes and stops guessing.
 *
 * Three limits, because each alone has a hole: one address trying one account, one address trying
 * many accounts, and many addresses trying one account. The last is wide, so that nobody can lock
 * an account's owner out by a few wrong passwords.
 */
final class LoginThrottle
{
    private const WINDOW_SECONDS = 600;
    private const MAX_PER_NAME_AND_ADDRESS = 10;
    private const MAX_PER_ADDRESS = 30;
    private const MAX_PER_NAME = 100;

    public function __construct(private readonly Database $database, private readonly Clock $clock)
    {
    }

    /** @throws AccountRefused (429) while one of the limits is reached */
    public function check(string $name, string $address): void
    {
        $name = self::key($name);
        $since = $this->clock->milliseconds() - self::WINDOW_SECONDS * 1000;
        $both = 'username = ? AND remote_addr = ?';
        if (
            $this->failures($both, [$name, $address], $since) >= self::MAX_PER_NAME_AND_ADDRESS
            || $this->failures('remote_addr = ?', [$address], $since) >= self::MAX_PER_ADDRESS
            || $this->failures('username = ?', [$name], $since) >= self::MAX_PER_NAME
        ) {
            throw AccountRefused::tooManyAttempts(self::WINDOW_SECONDS);
        }
    }

    public function recordFailure(string $name, string $address): void
    {
        $now = $this->clock->milliseconds();
        $this->database->execute('DELETE FROM login_failures WHERE failed_at < ?', [$now - self::WINDOW_SECONDS * 1000]);
        $this->database->insert('login_failures', [
            'username' => self::key($name),
            'remote_addr' => $address,
            'failed_at' => $now,
        ]);
    }

    /** The owner has proven who they are: earlier slips no longer count. */
    public function forget(string $name, string $address): void
    {
        $this->database->execute(
            'DELETE FROM login_failures WHERE username = ? AND remote_addr = ?',
            [self::key($name), $address]
        );
    }

    /** @param list<string> $parameters */
    private function failures(string $condition, array $parameters, int $since): int
    {
        return (int) $this->database->value(
            "SELECT COUNT(*) FROM login_failures WHERE $condition AND failed_at > ?",
            [...$parameters, $since]
        );
    }

    /** What fits the column; whoever types a longer name has no account anyway. */
    private static function key(string $name): string
    {
        return mb_substr(mb_scrub($name, 'UTF-8'), 0, 64, 'UTF-8');
    }
}
