<?php

declare(strict_types=1);

namespace CrowdSky\Operations;

/**
 * How the queue is moving. Times are in stored form.
 */
final class QueueState
{
    public function __construct(
        /** jobs that the next claim could take */
        public readonly int $waiting,
        /** since when the oldest of them has been waiting; null when none is */
        public readonly ?string $waitingSince,
        /** null when no job was ever completed */
        public readonly ?string $lastCompletedAt,
        public readonly bool $isStalled,
        /** running jobs that have used up more than half of the longest time that a run may take */
        public readonly int $longRuns = 0,
    ) {
    }
}
