<?php

declare(strict_types=1);

namespace CrowdSky\Base;

/**
 * The one source of time. Nothing else in the site asks the machine or the database what time it is.
 */
interface Clock
{
    /** Hosts that share a database may differ by this much without taking each other's clocks for wrong. */
    public const TOLERANCE_SECONDS = 60;

    /** The present moment in UTC. */
    public function now(): \DateTimeImmutable;

    /** The present moment in milliseconds since 1970, for leases and delays. */
    public function milliseconds(): int;
}
