<?php

declare(strict_types=1);

namespace CrowdSky\Workers;

use CrowdSky\Base\Clock;
use CrowdSky\Database\AttemptLimit;
use CrowdSky\Database\Database;

/**
 * Counts calls with invalid keys per address, and blocks an address that has made too many.
 *
 * Valid keys never come here, so that one broken worker cannot stop the others behind the same router, and a successful
 * poll costs nothing. An address over the limit costs one query per call and no write.
 */
final class KeyThrottle
{
    private readonly AttemptLimit $failures;

    /** @param int $maxFailures calls within the window before further ones are blocked */
    public function __construct(
        Database $database,
        Clock $clock,
        private readonly int $maxFailures,
        int $windowSeconds,
    ) {
        $this->failures = new AttemptLimit($database, $clock, 'key_failures', 'failed_at', $windowSeconds);
    }

    /**
     * Records one more failure.
     *
     * @return int|null seconds until the address may try again, null while it has not reached the limit
     */
    public function recordFailure(string $address): ?int
    {
        return $this->failures->admit(['remote_addr' => $address], [[['remote_addr'], $this->maxFailures]]);
    }
}
