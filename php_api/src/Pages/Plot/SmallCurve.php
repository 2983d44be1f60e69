<?php

declare(strict_types=1);

namespace CrowdSky\Pages\Plot;

use CrowdSky\Pages\SkyFormat;
use CrowdSky\Pages\Texts;

/** A light curve without axes, to be seen beside others in a list. */
final class SmallCurve
{
    private const MOST = 250;
    private const HEIGHT = 72;
    /** Typical errors between top and bottom, at least: noise must not look like a signal. */
    private const ERRORS = 8.0;
    /** Free above and below, in pixels. */
    private const EDGE = 6;

    /**
     * @param list<PlotPoint> $points x is BJD (TDB), or a phase
     * @param float $narrowest magnitudes from top to bottom, at least: curves beside each other are compared
     * @return string|null HTML; null without points
     */
    public static function of(array $points, string $title, Symbols $symbols, Texts $texts, float $narrowest = 0.1): ?string
    {
        $sound = array_values(array_filter($points, static fn (PlotPoint $point): bool => !$point->isFlagged));
        if ($sound === []) {
            return null;
        }
        $drawn = Bins::of($sound, self::MOST);
        $mags = array_map(static fn (PlotPoint $point): float => $point->mag, $drawn);
        $times = array_map(static fn (PlotPoint $point): float => $point->x, $drawn);
        $height = Axis::around(min($mags), max($mags), max($narrowest, self::ERRORS * PlotPoint::medianError($sound)), 2);
        $across = Axis::around(min($times), max($times), 0.01, 2);
        $marks = '';
        foreach ($drawn as $point) {
            $y = self::EDGE + (self::HEIGHT - 2 * self::EDGE) * $height->place($point->mag);
            $look = $symbols->colour($point->telescope) . ($point->isCalibrated ? '' : ' open');
            $marks .= Svg::element('circle', ['class' => $look, 'cx' => Svg::across($across->place($point->x)), 'cy' => $y, 'r' => 2.5]);
        }
        $range = $texts->say('{title}: {least} to {most} mag', [
            'title' => $title,
            'least' => SkyFormat::number($texts, min($mags), 2),
            'most' => SkyFormat::number($texts, max($mags), 2),
        ]);

        return Svg::element(
            'svg',
            ['class' => 'plot small-plot', 'role' => 'img', 'width' => '100%', 'height' => self::HEIGHT, 'aria-label' => $range],
            Svg::element('title', [], Svg::escape($range)) . $marks,
        );
    }
}
