<?php

declare(strict_types=1);

namespace CrowdSky\Accounts;

use CrowdSky\Base\Clock;
use CrowdSky\Database\AttemptLimit;
use CrowdSky\Database\Database;
use CrowdSky\Kernel\App;

/**
 * Counts recent logins that have not succeeded and blocks further attempts when there are too many.
 *
 * Three limits, because each alone has a hole: one address trying one account, one address trying
 * many accounts, and many addresses trying one account. The last is wide, so that nobody can lock
 * an account's owner out by a few wrong passwords.
 */
final class LoginThrottle
{
    /** Multiple of the limit for one address and one account. */
    private const ADDRESS_FACTOR = 3;
    private const NAME_FACTOR = 10;

    private readonly AttemptLimit $attempts;

    /** @param int $maxFailures of one address for one account within the window */
    public function __construct(
        Database $database,
        Clock $clock,
        private readonly int $maxFailures,
        private readonly int $windowSeconds,
    ) {
        $this->attempts = new AttemptLimit($database, $clock, 'login_failures', 'failed_at', $windowSeconds);
    }

    public static function of(App $app): self
    {
        return new self($app->database(), $app->clock(), $app->config()->maxLoginFailures, $app->config()->failureWindowSeconds);
    }

    /**
     * Counts an attempt as failed before its password is looked at; `forget` ends that when it has succeeded.
     *
     * @throws AccountRefused while one of the limits is reached
     */
    public function count(string $name, string $address): void
    {
        $this->requireNoWait($this->attempts->admit(self::attempt($name, $address), $this->limits()));
    }

    /**
     * Counts nothing.
     *
     * @throws AccountRefused while one of the limits is reached
     */
    public function check(string $name, string $address): void
    {
        $this->requireNoWait($this->attempts->waitFor(self::attempt($name, $address), $this->limits()));
    }

    /** Clears the attempts of somebody who has now logged in. */
    public function forget(string $name, string $address): void
    {
        $this->attempts->withdraw(self::attempt($name, $address));
    }

    private function requireNoWait(?int $wait): void
    {
        if ($wait !== null) {
            throw AccountRefused::tooManyAttempts($this->windowSeconds);
        }
    }

    /** @return list<array{list<string>, int}> */
    private function limits(): array
    {
        return [
            [['username', 'remote_addr'], $this->maxFailures],
            [['remote_addr'], self::ADDRESS_FACTOR * $this->maxFailures],
            [['username'], self::NAME_FACTOR * $this->maxFailures],
        ];
    }

    /** @return array{username: string, remote_addr: string} */
    private static function attempt(string $name, string $address): array
    {
        return ['username' => self::key($name), 'remote_addr' => $address];
    }

    /** Cuts a name to the width of the column; no account has a longer one. */
    private static function key(string $name): string
    {
        return mb_substr(mb_scrub($name, 'UTF-8'), 0, 64, 'UTF-8');
    }
}
