<?php

declare(strict_types=1);

namespace CrowdSky\Api\Vo;

use CrowdSky\Sky\Footprint;

/** A polygon on the sky. */
final class SkyPolygon implements SkyShape
{
    public function __construct(private readonly Footprint $outline)
    {
    }

    public function meets(Footprint $footprint): bool
    {
        return $this->outline->overlaps($footprint);
    }

    public function declinations(): array
    {
        // A side bends towards its pole, and a pole may be inside.
        $centre = $this->outline->centre();
        $radius = $this->outline->radius();
        return [max(-90.0, $centre->dec - $radius), min(90.0, $centre->dec + $radius)];
    }
}
