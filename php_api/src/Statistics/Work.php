<?php

declare(strict_types=1);

namespace CrowdSky\Statistics;

/** What workers did in each part of a period. */
final class Work
{
    /**
     * @param list<int> $starts Unix seconds at which each part begins
     * @param array<string, list<int>> $done runs that ended with a result in the archive, by kind of job
     * @param list<int> $failed runs that did not, whether the job is tried again or not
     * @param list<int> $seconds that workers spent on runs which ended in the part
     * @param list<int> $frames subs in the stacks
     */
    public function __construct(
        public readonly array $starts,
        public readonly array $done,
        public readonly array $failed,
        public readonly array $seconds,
        public readonly array $frames,
    ) {
    }
}
