<?php

declare(strict_types=1);

namespace CrowdSky\Queue;

use CrowdSky\Jobs\Job;

/**
 * A job held by a worker, with the token that proves it.
 */
final class Lease
{
    public function __construct(
        public readonly Job $job,
        public readonly string $token,
    ) {
    }
}
