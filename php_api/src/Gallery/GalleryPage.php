<?php

declare(strict_types=1);

namespace CrowdSky\Gallery;

/** A part of a gallery, and where it goes on. */
final class GalleryPage
{
    /** @param list<GalleryStack> $stacks */
    public function __construct(
        public readonly array $stacks,
        /** where the next page begins; null at the end */
        public readonly ?string $next,
    ) {
    }
}
