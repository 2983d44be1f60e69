<?php

declare(strict_types=1);

namespace CrowdSky\Sky;

/** A part of a list of stacks, and where it goes on. */
final class SkyPage
{
    /** @param list<SkyStack> $stacks */
    public function __construct(
        public readonly array $stacks,
        /** where the next page begins; null at the end */
        public readonly ?string $next,
    ) {
    }
}
