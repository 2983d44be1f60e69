<?php

declare(strict_types=1);

namespace CrowdSky\Keys;

use CrowdSky\Base\Clock;
use CrowdSky\Base\Refusal;
use CrowdSky\Database\AttemptLimit;
use CrowdSky\Database\Database;
use CrowdSky\Kernel\App;

/**
 * Counts calls with invalid keys of any kind per address, and blocks an address that has made too many.
 *
 * Valid keys never come here, so that one broken program cannot stop the others behind the same router, and a successful
 * call costs nothing. An address over the limit costs one query per call and no write.
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

    public static function of(App $app): self
    {
        $config = $app->config();
        return new self($app->database(), $app->clock(), $config->maxKeyFailures, $config->failureWindowSeconds);
    }

    /**
     * Records one more failure.
     *
     * @param string $needed which key is needed, for people to read
     */
    public function refuse(string $address, string $needed): Refusal
    {
        $wait = $this->failures->admit(['remote_addr' => $address], [[['remote_addr'], $this->maxFailures]]);
        return $wait === null
            ? Refusal::keyNeeded($needed)
            : Refusal::tooOften('Too many calls with keys that are not valid; try again later', $wait);
    }
}
