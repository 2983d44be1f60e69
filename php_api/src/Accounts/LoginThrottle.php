<?php

declare(strict_types=1);

namespace CrowdSky\Accounts;

use CrowdSky\Clock;
use CrowdSky\Database\Database;

/**
 * Counts failed logins of the last minutes and stops guessing.
 *
 * Three limits, because each alone has a hole: one address trying one account, one address trying
 * many accounts, and many addresses trying one account. The last is wide, so that nobody can lock
 * an account's owner out by a few wrong passwords.
 */
final class LoginThrottle
{
    /** Times the limit for one address and one account. */
    private const ADDRESS_FACTOR = 3;
    private const NAME_FACTOR = 10;

    /** @param int $maxFailures of one address for one account within the window */
    public function __construct(
        private readonly Database $database,
        private readonly Clock $clock,
        private readonly int $maxFailures,
        private readonly int $windowSeconds,
    ) {
    }

    /** @throws AccountRefused (429) while one of the limits is reached */
    public function check(string $name, string $address): void
    {
        $name = self::key($name);
        $since = $this->clock->milliseconds() - $this->windowSeconds * 1000;
        $both = 'username = ? AND remote_addr = ?';
        if (
            $this->failures($both, [$name, $address], $since) >= $this->maxFailures
            || $this->failures('remote_addr = ?', [$address], $since) >= self::ADDRESS_FACTOR * $this->maxFailures
            || $this->failures('username = ?', [$name], $since) >= self::NAME_FACTOR * $this->maxFailures
        ) {
            throw AccountRefused::tooManyAttempts($this->windowSeconds);
        }
    }

    public function recordFailure(string $name, string $address): void
    {
        $now = $this->clock->milliseconds();
        $this->database->execute('DELETE FROM login_failures WHERE failed_at < ?', [$now - $this->windowSeconds * 1000]);
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
