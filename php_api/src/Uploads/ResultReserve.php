<?php

declare(strict_types=1);

namespace CrowdSky\Uploads;

/** Room on the disk of the data folder that the results of waiting jobs will need. */
final class ResultReserve
{
    public function __construct(
        public readonly int $bytes,
        /** jobs that wait or run, and groups of subs that will become one */
        public readonly int $jobs,
    ) {
    }
}
