<?php

declare(strict_types=1);

namespace CrowdSky\Uploads;

use CrowdSky\Jobs\Job;

/** What an owner's telescopes took from one noon to the next. */
final class Night
{
    /** @param list<Job> $jobs its chunks and the stacks that were uploaded ready-made, in order of time */
    public function __construct(
        /** of its evening, `YYYYMMDD` */
        public readonly string $date,
        public readonly array $jobs,
    ) {
    }

    /** @return array<string, list<Job>> its jobs by object, in the order in which the objects were begun; empty for no name */
    public function byObject(): array
    {
        $objects = [];
        foreach ($this->jobs as $job) {
            $objects[$job->objectName ?? ''][] = $job;
        }

        return $objects;
    }
}
