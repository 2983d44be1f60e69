<?php

declare(strict_types=1);

namespace CrowdSky\Variables;

use CrowdSky\Fits\SkyPosition;
use CrowdSky\Measurements\PlateSolution;
use CrowdSky\Measurements\TanProjection;
use CrowdSky\Sky\Cone;

/** The picture of a solved stack as an area of the sky. */
final class PictureArea
{
    /** Degrees added to the circle around the picture, for rounding. */
    private const MARGIN = 0.01;

    private function __construct(private readonly TanProjection $projection, private readonly int $width, private readonly int $height, public readonly Cone $around)
    {
    }

    /** @return self|null null when the solution does not place pixels */
    public static function of(PlateSolution $solution): ?self
    {
        $projection = TanProjection::of($solution);
        [$width, $height] = [(int) ($solution->wcs['width'] ?? 0), (int) ($solution->wcs['height'] ?? 0)];
        $centre = SkyPosition::fromDegrees($solution->ra, $solution->dec);
        if ($projection === null || $width < 1 || $height < 1 || $centre === null) {
            return null;
        }
        $farthest = 0.0;
        foreach ($solution->wcs['corners'] as [$ra, $dec]) {
            $farthest = max($farthest, SkyPosition::fromDegrees((float) $ra, (float) $dec)?->distanceTo($centre) ?? 0.0);
        }

        return new self($projection, $width, $height, Cone::of($centre->ra, $centre->dec, min(180.0, $farthest + self::MARGIN)));
    }

    /** @return array{float, float}|null x and y; null beside the picture */
    public function pixelOf(VariableStar $star): ?array
    {
        $place = SkyPosition::fromDegrees($star->ra, $star->dec);
        [$x, $y] = ($place === null ? null : $this->projection->pixelOf($place)) ?? [-1.0, -1.0];

        return $x >= -0.5 && $y >= -0.5 && $x <= $this->width - 0.5 && $y <= $this->height - 0.5 ? [$x, $y] : null;
    }
}
