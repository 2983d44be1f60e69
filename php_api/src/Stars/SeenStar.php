<?php

declare(strict_types=1);

namespace CrowdSky\Stars;

/** A star of the list, and how often a viewer sees it observed. */
final class SeenStar
{
    public function __construct(
        public readonly ListedStar $star,
        /** in stacks that the viewer sees; intervals of series do not count */
        public readonly int $observations,
        /** MJD (UTC) of the first and the last of them; null where no time is known */
        public readonly ?float $firstMjd,
        public readonly ?float $lastMjd,
    ) {
    }
}
