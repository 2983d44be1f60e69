<?php

declare(strict_types=1);

namespace CrowdSky\Uploads;

/** What became of an uploaded stack. */
final class QueuedStack
{
    public const QUEUED = 'queued';

    public function __construct(
        public readonly int $jobId,
        /** in the form with a pixel */
        public readonly string $chunkKey,
        /** queued, or the state in which its job has ended */
        public readonly string $status,
    ) {
    }
}
