<?php

declare(strict_types=1);

namespace CrowdSky\Workers;

/** What the workers of one key have given to the archive. */
final class Contribution
{
    public function __construct(
        /** whose results are in the archive */
        public readonly int $jobs,
        public readonly int $frames,
        /** from the claim to the result, of these jobs */
        public readonly int $seconds,
        /** results that wait for a second opinion */
        public readonly int $held,
        /** @var list<array<string, mixed>> worker_name, version, last_seen_at, jobs_completed, jobs_failed */
        public readonly array $workers,
    ) {
    }
}
