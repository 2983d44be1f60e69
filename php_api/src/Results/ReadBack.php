<?php

declare(strict_types=1);

namespace CrowdSky\Results;

/**
 * What the site has found out while it read a result back.
 */
final class ReadBack
{
    public function __construct(
        public readonly StackImages $images,
        /** whether the stack tells where it was taken, or has frames under their owner's names */
        public readonly bool $tellsPlace,
        /** whether the job has a stack already, and that reads back as it was archived */
        public readonly bool $isArchivedIntact,
    ) {
    }
}
