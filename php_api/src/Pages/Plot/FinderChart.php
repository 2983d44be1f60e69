<?php

declare(strict_types=1);

namespace CrowdSky\Pages\Plot;

use CrowdSky\Pages\Texts;

/**
 * A picture around a star with a ring, the directions of the sky and a bar for the scale.
 *
 * North is up and east is left, however the camera stood, so that charts can be laid beside each other and an atlas.
 */
final class FinderChart
{
    /** Lengths of the bar, in arcsec. */
    private const BARS = [5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1200.0, 1800.0];
    /** Of the width, at most. */
    private const BAR_PART = 0.35;

    /** @param string $address of the picture, which has the pixels of the window */
    public static function svg(string $address, StarWindow $chart, string $title, Texts $texts): string
    {
        $half = $chart->size / 2.0;
        $unit = $chart->size / 100.0;
        $picture = ['href' => $address, 'width' => $chart->window->width, 'height' => $chart->window->height, 'transform' => self::turned($chart)];
        $drawn = Svg::element('title', [], Svg::escape($title))
            . Svg::element('image', $picture)
            . Svg::element('circle', ['class' => 'mark', 'cx' => 0, 'cy' => 0, 'r' => 5.0 * $unit])
            . self::compass($half - 6.0 * $unit, -$half + 17.0 * $unit, $unit, $texts)
            . self::bar($half, $unit);

        return Svg::element('svg', ['class' => 'finder', 'role' => 'img', 'viewBox' => sprintf('%1$.1F %1$.1F %2$.1F %2$.1F', -$half, 2.0 * $half), 'aria-label' => $title], $drawn);
    }

    /** From pixels to arcsec of the chart: to the west and to the south of the star. */
    private static function turned(StarWindow $chart): string
    {
        [$a, $c] = [-$chart->scale * $chart->east[0], -$chart->scale * $chart->east[1]];
        [$b, $d] = [-$chart->scale * $chart->north[0], -$chart->scale * $chart->north[1]];
        // The middle of the first pixel is 0, its edge is where the picture begins.
        [$x, $y] = [$chart->star[0] + 0.5, $chart->star[1] + 0.5];

        return sprintf('matrix(%.5F %.5F %.5F %.5F %.3F %.3F)', $a, $b, $c, $d, -$a * $x - $c * $y, -$b * $x - $d * $y);
    }

    private static function compass(float $x, float $y, float $unit, Texts $texts): string
    {
        $length = 8.0 * $unit;

        return Svg::element('path', ['class' => 'mark', 'd' => sprintf('M%.2F %.2FV%.2FH%.2F', $x, $y - $length, $y, $x - $length)])
            . self::letters('N', $x, $y - $length - 2.0 * $unit, $unit, 'middle')
            . self::letters($texts->say('E'), $x - $length - 3.5 * $unit, $y + 1.7 * $unit, $unit, 'middle');
    }

    private static function bar(float $half, float $unit): string
    {
        $fitting = array_filter(self::BARS, static fn (float $bar): bool => $bar <= self::BAR_PART * 2.0 * $half);
        $bar = $fitting === [] ? self::BARS[0] : max($fitting);
        [$x, $y] = [-$half + 5.0 * $unit, $half - 5.0 * $unit];
        $text = $bar < 60.0 ? sprintf('%.0F″', $bar) : sprintf('%.0F′', $bar / 60.0);

        return Svg::element('line', ['class' => 'mark', 'x1' => $x, 'x2' => $x + $bar, 'y1' => $y, 'y2' => $y])
            . self::letters($text, $x, $y - 2.5 * $unit, $unit, 'start');
    }

    private static function letters(string $text, float $x, float $y, float $unit, string $anchor): string
    {
        return Svg::text($text, ['x' => $x, 'y' => $y, 'font-size' => 5.0 * $unit, 'text-anchor' => $anchor]);
    }
}
