<?php

declare(strict_types=1);

namespace CrowdSky\Base;

/**
 * The one source of time. Nothing else in the site asks the machine or the database what time it is.
 */
interface Clock
{
    /** Seconds by which the clocks of hosts that share a database may differ before one counts as wrong. */
    public const TOLERANCE_SECONDS = 60;

    /** The current time in UTC. */
    public function now(): \DateTimeImmutable;

    /** The current time in milliseconds since 1970, for leases and delays. */
    public function milliseconds(): int;
}
