<?php

declare(strict_types=1);

namespace CrowdSky\Api\Vo;

use CrowdSky\Sky\Footprint;

/** A part of the sky that somebody asks for. */
interface SkyShape
{
    /** Whether a stack with this outline shows a part of it. */
    public function meets(Footprint $footprint): bool;

    /** @return array{float, float} lowest and highest declination in it, degrees */
    public function declinations(): array;
}
