<?php

declare(strict_types=1);

namespace CrowdSky\LightCurves;

use CrowdSky\Stars\ListedStar;

/** A star that stacks show now and earlier, deeper ones do not, for people to look at. */
final class NewSource
{
    public function __construct(
        public readonly ListedStar $star,
        /** green magnitude, or that of a monochrome sensor, in the first stack that the viewer sees, by its own zero point */
        public readonly ?float $mag,
        /** MJD (UTC) of the first and the last stack with it that the viewer sees */
        public readonly float $firstMjd,
        public readonly float $lastMjd,
        /** chunks in whose stacks it was seen */
        public readonly int $chunks,
        /** stack that showed it first, of those that the viewer sees */
        public readonly int $firstStackId,
        /** the latest of the earlier stacks that would have shown it */
        public readonly int $lastStackWithout,
        /** number of those earlier stacks that the viewer sees; of each owner, no more than ten are kept */
        public readonly int $stacksWithout,
    ) {
    }
}
