<?php

declare(strict_types=1);

namespace CrowdSky\Uploads;

/** A sub that shows the same exposure as another one, and what the two share. */
final class SameLight
{
    public function __construct(
        public readonly RawSub $first,
        public readonly string $shared,
    ) {
    }

    /** Why the other one is left out, for people to read. */
    public function reason(): string
    {
        $place = $this->first->jobId === null ? '' : " of job {$this->first->jobId}";

        return "It shows the same light as {$this->first->filename}{$place}: the same {$this->shared}.";
    }

    /** Whether a reason is about the light of a job, which can be deleted, and not of a sub that came along. */
    public static function isOfJob(string $reason): bool
    {
        return preg_match('/ of job \d+: the same [^:]+\.$/D', $reason) === 1;
    }
}
