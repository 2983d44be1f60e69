<?php

declare(strict_types=1);

namespace CrowdSky\Accounts;

use CrowdSky\Base\Clock;
use CrowdSky\Database\Database;

/**
 * Counts recent failed logins and blocks further attempts when there are too many.
 *
 * Three limits, because each alone has a hole: one address trying one account, one address trying
 * many accounts, and many addresses trying one account. The last is wide, so that nobody can lock
 * an account's owner out by a few wrong passwords.
 *
 * Failures dated in the future were recorded before the clock was set back. They are ignored: otherwise they would lock
 * somebody out for as long as the clock was wrong.
 */
final class LoginThrottle
{
    /** Multiple of the limit for one address and one account. */
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

    /** @throws AccountRefused while one of the limits is reached */
    public function check(string $name, string $address): void
    {
        $name = self::key($name);
        [$since, $until] = $this->window();
        $both = 'username = ? AND remote_addr = ?';
        if (
            $this->failures($both, [$name, $address], $since, $until) >= $this->maxFailures
            || $this->failures('remote_addr = ?', [$address], $since, $until) >= self::ADDRESS_FACTOR * $this->maxFailures
            || $this->failures('username = ?', [$name], $since, $until) >= self::NAME_FACTOR * $this->maxFailures
        ) {
            throw AccountRefused::tooManyAttempts($this->windowSeconds);
        }
    }

    public function recordFailure(string $name, string $address): void
    {
        $this->database->execute('DELETE FROM login_failures WHERE failed_at < ? OR failed_at > ?', $this->window());
        $this->database->insert('login_failures', [
            'username' => self::key($name),
            'remote_addr' => $address,
            'failed_at' => $this->clock->milliseconds(),
        ]);
    }

    /** Clears the failures of somebody who has now logged in. */
    public function forget(string $name, string $address): void
    {
        $this->database->execute(
            'DELETE FROM login_failures WHERE username = ? AND remote_addr = ?',
            [self::key($name), $address]
        );
    }

    /** @return array{int, int} first and last moment of failures that count */
    private function window(): array
    {
        $now = $this->clock->milliseconds();

        return [$now - $this->windowSeconds * 1000, $now + 1000 * Clock::TOLERANCE_SECONDS];
    }

    /** @param list<string> $parameters */
    private function failures(string $condition, array $parameters, int $since, int $until): int
    {
        return (int) $this->database->value(
            "SELECT COUNT(*) FROM login_failures WHERE $condition AND failed_at > ? AND failed_at <= ?",
            [...$parameters, $since, $until]
        );
    }

    /** Cuts a name to the width of the column; no account has a longer one. */
    private static function key(string $name): string
    {
        return mb_substr(mb_scrub($name, 'UTF-8'), 0, 64, 'UTF-8');
    }
}
