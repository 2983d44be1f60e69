<?php

declare(strict_types=1);

namespace CrowdSky\Workers;

use CrowdSky\Base\Clock;
use CrowdSky\Database\Database;

/**
 * Counts calls with invalid keys per address, and blocks an address that has made too many.
 *
 * Valid keys never come here, so that one broken worker cannot stop the others behind the same router, and a successful
 * poll costs nothing. An address over the limit costs one query per call and no write.
 *
 * Failures dated in the future were recorded before the clock was set back and do not count.
 */
final class KeyThrottle
{
    /** @param int $maxFailures calls within the window before further ones are blocked */
    public function __construct(
        private readonly Database $database,
        private readonly Clock $clock,
        private readonly int $maxFailures,
        private readonly int $windowSeconds,
    ) {
    }

    /**
     * Records one more failure.
     *
     * @return int|null seconds until the address may try again, null while it has not reached the limit
     */
    public function recordFailure(string $address): ?int
    {
        $now = $this->clock->milliseconds();
        $since = $now - $this->windowSeconds * 1000;
        $until = $now + 1000 * Clock::TOLERANCE_SECONDS;
        $wait = $this->wait($address, $since, $until);
        if ($wait === null) {
            $this->database->forgettable(function () use ($address, $now, $since, $until): void {
                $this->database->execute('DELETE FROM key_failures WHERE failed_at <= ? OR failed_at > ?', [$since, $until]);
                $this->database->insert('key_failures', ['remote_addr' => $address, 'failed_at' => $now]);
            });
        }
        return $wait;
    }

    /** Seconds until the oldest of the failures that make up the limit leaves the window; null below the limit. */
    private function wait(string $address, int $since, int $until): ?int
    {
        $oldestThatCounts = $this->database->value(
            'SELECT failed_at FROM key_failures WHERE remote_addr = ? AND failed_at > ? AND failed_at <= ?
              ORDER BY failed_at DESC LIMIT 1 OFFSET ?',
            [$address, $since, $until, $this->maxFailures - 1],
        );
        return $oldestThatCounts === null ? null : max(1, (int) ceil(((int) $oldestThatCounts - $since) / 1000));
    }
}
