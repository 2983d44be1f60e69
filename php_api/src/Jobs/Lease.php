<?php

declare(strict_types=1);

namespace CrowdSky\Jobs;

/**
 * A job in the hands of a worker, with the token that proves it.
 */
final class Lease
{
    public function __construct(
        public readonly Job $job,
        public readonly string $token,
    ) {
    }
}
