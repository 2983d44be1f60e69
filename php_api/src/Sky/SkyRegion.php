<?php

declare(strict_types=1);

namespace CrowdSky\Sky;

use CrowdSky\Database\Condition;

/** A part of the sky in which the centres of stacks are looked for. */
interface SkyRegion
{
    /** A condition on the stack `s` that an index can serve and that is exact. */
    public function condition(): Condition;
}
