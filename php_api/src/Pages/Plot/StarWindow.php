<?php

declare(strict_types=1);

namespace CrowdSky\Pages\Plot;

use CrowdSky\Fits\PixelWindow;
use CrowdSky\Fits\SkyPosition;
use CrowdSky\Measurements\PlateSolution;
use CrowdSky\Measurements\TanProjection;

/** The part of a solved picture around a star, and what is needed to find one's way in it. */
final class StarWindow
{
    /** Degrees by which the directions are found. */
    private const STEP = 0.001;

    private function __construct(
        public readonly PixelWindow $window,
        /** @var array{float, float} the star, in pixels of the window */
        public readonly array $star,
        /** @var array{float, float} unit vector, the second coordinate grows with the rows */
        public readonly array $north,
        /** @var array{float, float} */
        public readonly array $east,
        /** arcsec per pixel */
        public readonly float $scale,
        /** side of what a chart shows, in arcsec; the window is larger, so that a turned one still fills it */
        public readonly float $size,
    ) {
    }

    /**
     * @param float $size of the chart, a square, in arcmin
     * @return self|null null when the star is not in the picture, or the solution has no projection
     */
    public static function of(PlateSolution $solution, SkyPosition $star, float $size): ?self
    {
        $projection = TanProjection::of($solution);
        $pixel = $projection?->pixelOf($star);
        if ($projection === null || $pixel === null) {
            return null;
        }
        [$width, $height] = [(int) ($solution->wcs['width'] ?? 0), (int) ($solution->wcs['height'] ?? 0)];
        if ($pixel[0] < -0.5 || $pixel[1] < -0.5 || $pixel[0] > $width - 0.5 || $pixel[1] > $height - 0.5) {
            return null;
        }
        $window = PixelWindow::around($pixel[0], $pixel[1], M_SQRT2 * $size * 60.0 / $solution->scale, $width, $height);

        return $window === null ? null : new self(
            $window,
            [$pixel[0] - $window->x, $pixel[1] - $window->y],
            self::direction($projection, $pixel, SkyPosition::fromDegrees($star->ra, $star->dec + ($star->dec > 89.0 ? -self::STEP : self::STEP)), $star->dec > 89.0 ? -1.0 : 1.0),
            self::direction($projection, $pixel, SkyPosition::fromDegrees($star->ra + self::STEP / max(1e-6, cos(deg2rad($star->dec))), $star->dec), 1.0),
            $solution->scale,
            60.0 * $size,
        );
    }

    /** A few pixels around the star alone. */
    public function ofStarAlone(): PixelWindow
    {
        $reach = 4;
        [$x, $y] = [(int) round($this->star[0]) + $this->window->x, (int) round($this->star[1]) + $this->window->y];
        $left = max($this->window->x, $x - $reach);
        $first = max($this->window->y, $y - $reach);
        $end = min($this->window->x + $this->window->width, $x + $reach + 1);
        $last = min($this->window->y + $this->window->height, $y + $reach + 1);

        return new PixelWindow($left, $first, $end - $left, $last - $first);
    }

    /**
     * @param array{float, float} $from
     * @return array{float, float}
     */
    private static function direction(TanProjection $projection, array $from, ?SkyPosition $place, float $sign): array
    {
        $to = ($place === null ? null : $projection->pixelOf($place)) ?? $from;
        [$x, $y] = [$sign * ($to[0] - $from[0]), $sign * ($to[1] - $from[1])];
        $length = hypot($x, $y);

        return $length > 0.0 ? [$x / $length, $y / $length] : [0.0, 0.0];
    }
}
