<?php

declare(strict_types=1);

namespace CrowdSky\Gallery;

use CrowdSky\Database\Database;
use CrowdSky\Sky\Viewer;

/** The stacks of a scope in the few bytes that a map needs; see MapPart for their form. */
final class SkyMap
{
    public const FORMAT = 'CSM1';

    public function __construct(private readonly Database $database, private readonly PartCache $cache)
    {
    }

    /** @return array{string, string} the bytes, and a text that is another one after a change */
    public function of(GalleryScope $scope, Viewer $viewer): array
    {
        // The public map is the same for everybody; names that strangers do not get are in the owner's alone.
        $name = $scope === GalleryScope::Public ? 'map-public' : "map-{$scope->value}-" . ($viewer->userId ?? 0);
        $part = new MapPart($this->database, $scope, $viewer);
        [$parts, $version] = $this->cache->parts($name, $part->bytes(...));

        return [self::FORMAT . implode('', $parts), $version];
    }
}
