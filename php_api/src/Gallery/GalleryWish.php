<?php

declare(strict_types=1);

namespace CrowdSky\Gallery;

/** What somebody looks for in a gallery; null is anything. */
final class GalleryWish
{
    public function __construct(
        public readonly GalleryScope $scope,
        public readonly GalleryOrder $order = GalleryOrder::Newest,
        /** any name of an object that is in the picture, or that the owner gave */
        public readonly ?string $object = null,
        public readonly GalleryFacts $facts = new GalleryFacts(),
        /** @var list<int>|null of which stacks alone */
        public readonly ?array $ids = null,
    ) {
    }
}
