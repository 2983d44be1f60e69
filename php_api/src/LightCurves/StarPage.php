<?php

declare(strict_types=1);

namespace CrowdSky\LightCurves;

/** One page of stars. */
final class StarPage
{
    /**
     * @param list<FoundStar> $stars
     * @param int|null $next the last star of this page, after which the next one begins; null on the last page
     */
    public function __construct(public readonly array $stars, public readonly ?int $next)
    {
    }
}
