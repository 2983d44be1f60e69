<?php

declare(strict_types=1);

namespace CrowdSky;

/**
 * The one source of time. Nothing else in the site asks the machine or the database what time it is.
 */
interface Clock
{
    /** The present moment in UTC. */
    public function now(): \DateTimeImmutable;

    /** The present moment in milliseconds since 1970, for leases and delays. */
    public function milliseconds(): int;
}
