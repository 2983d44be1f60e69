<?php

declare(strict_types=1);

namespace CrowdSky\Api\Vo;

use CrowdSky\Fits\SkyPosition;
use CrowdSky\Sky\Footprint;

/** A circle on the sky. */
final class SkyCircle implements SkyShape
{
    /** @param float $radius degrees */
    public function __construct(public readonly SkyPosition $centre, public readonly float $radius)
    {
    }

    public function meets(Footprint $footprint): bool
    {
        return $footprint->distanceTo($this->centre) <= $this->radius || $footprint->contains($this->centre);
    }

    public function declinations(): array
    {
        return [max(-90.0, $this->centre->dec - $this->radius), min(90.0, $this->centre->dec + $this->radius)];
    }
}
