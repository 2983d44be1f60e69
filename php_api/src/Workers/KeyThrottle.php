<?php

declare(strict_types=1);

namespace CrowdSky\Workers;

use CrowdSky\Base\Clock;
use CrowdSky\Database\Database;

/**
 * Counts calls with keys that are not valid, per address, and says when an address has made too many of them.
 *
 * A valid key is never asked about here, so that one broken worker cannot stop the others behind the same router, and
 * a poll that succeeds costs nothing. An address over the limit costs one query per call and no write.
 *
 * Failures of a moment that is still to come are from before the clock was set back and do not count.
 */
final class KeyThrottle
{
    /** @param int $maxFailures calls within the window that are answered before the address is told to wait */
    public function __construct(
        private readonly Database $database,
        private readonly Clock $clock,
        private readonly int $maxFailures,
        private readonly int $windowSeconds,
    ) {
    }

    /**
     * Takes note of one more failure.
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

    /** The limit is reached as long as its worth of failures lies in the window; then the oldest of them leaves first. */
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
