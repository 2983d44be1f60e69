<?php

declare(strict_types=1);

namespace CrowdSky\Pages\Plot;

use CrowdSky\Chunks\Healpix;

/**
 * The whole sky in Aitoff's projection with what was observed of it: right ascension 12h in the middle, east on the left.
 *
 * Its parts are few, whatever is in it: all dots of one size are one path.
 */
final class SkyOval
{
    private const WIDTH = 720;
    private const HEIGHT = 360;
    private const EDGE = 4.0;
    private const MIDDLE = 180.0;
    /** Dots nearer than this are drawn as one, in units of the picture; of too many dots, more are. */
    private const STEP = 4.0;
    private const MOST_DOTS = 3000;
    /** Seconds from which a dot is of the next size. */
    private const SIZES = ['short' => 0.0, 'medium' => 3600.0, 'long' => 36000.0];
    /** Of the north pole of the galaxy and of its centre (ICRS, degrees). */
    private const GALACTIC_POLE = [192.85948, 27.12825];
    private const GALACTIC_CENTRE = [266.40500, -28.93617];

    /** @param string $title says what the picture shows */
    public static function svg(string $content, string $title): string
    {
        $attributes = ['class' => 'sky-oval', 'role' => 'img', 'viewBox' => sprintf('0 0 %d %d', self::WIDTH, self::HEIGHT), 'aria-label' => $title];

        return Svg::element('svg', $attributes, Svg::element('title', [], Svg::escape($title)) . $content);
    }

    /**
     * What is inside, whatever the language.
     *
     * @param array<int, float> $exposures seconds by pixel, NSIDE 128 RING
     */
    public static function content(array $exposures): string
    {
        $oval = ['cx' => self::WIDTH / 2, 'cy' => self::HEIGHT / 2, 'rx' => self::WIDTH / 2 - self::EDGE, 'ry' => self::HEIGHT / 2 - self::EDGE];
        $plane = self::line(self::galacticPlane());
        $milkyWay = Svg::element('path', ['class' => 'milky-way', 'd' => $plane]) . Svg::element('path', ['class' => 'milky-way bright', 'd' => $plane]);
        $drawn = Svg::element('clipPath', ['id' => 'sky-edge'], Svg::element('ellipse', $oval))
            . Svg::element('ellipse', ['class' => 'oval'] + $oval)
            . Svg::element('g', ['clip-path' => 'url(#sky-edge)'], $milkyWay)
            . Svg::element('path', ['class' => 'grid', 'd' => self::grid()]);
        foreach (self::dots($exposures) as $size => $path) {
            $drawn .= $path === '' ? '' : Svg::element('path', ['class' => "dots $size", 'd' => $path]);
        }

        return $drawn;
    }

    /**
     * Where a place is in the picture.
     *
     * @return array{float, float}
     */
    public static function point(float $ra, float $dec): array
    {
        // Seen from inside, right ascension grows to the left.
        $half = deg2rad(fmod(self::MIDDLE - $ra + 540.0, 360.0) - 180.0) / 2.0;
        $lat = deg2rad($dec);
        $angle = acos(max(-1.0, min(1.0, cos($lat) * cos($half))));
        $stretch = $angle < 1e-9 ? 1.0 : $angle / sin($angle);
        $x = 2.0 * $stretch * cos($lat) * sin($half);
        $y = $stretch * sin($lat);

        return [
            self::WIDTH / 2 + $x / M_PI * (self::WIDTH / 2 - self::EDGE),
            self::HEIGHT / 2 - $y / M_PI_2 * (self::HEIGHT / 2 - self::EDGE),
        ];
    }

    /**
     * @param array<int, float> $exposures
     * @return array<string, string> a path of dots by their size
     */
    private static function dots(array $exposures): array
    {
        $step = self::STEP;
        do {
            $cells = self::cells($exposures, $step);
            $step *= 1.5;
        } while (count($cells) > self::MOST_DOTS);
        $paths = array_fill_keys(array_keys(self::SIZES), '');
        foreach ($cells as [$x, $y, $seconds]) {
            $sizes = array_filter(self::SIZES, static fn (float $least): bool => $seconds >= $least);
            $paths[array_key_last($sizes)] .= sprintf('M%.0F %.0Fh0', $x, $y);
        }

        return $paths;
    }

    /**
     * @param array<int, float> $exposures
     * @return array<string, array{float, float, float}> a place of each cell, and the seconds of all in it
     */
    private static function cells(array $exposures, float $step): array
    {
        $cells = [];
        foreach ($exposures as $pixel => $seconds) {
            $centre = Healpix::centre($pixel);
            [$x, $y] = self::point($centre->ra, $centre->dec);
            $cell = round($x / $step) . ' ' . round($y / $step);
            $cells[$cell] ??= [$x, $y, 0.0];
            $cells[$cell][2] += $seconds;
        }

        return $cells;
    }

    private static function grid(): string
    {
        $path = '';
        foreach ([-60, -30, 0, 30, 60] as $dec) {
            $path .= self::line(array_map(static fn (int $ra): array => [self::MIDDLE + $ra, (float) $dec], range(-179, 179, 2)));
        }
        foreach (range(-120, 120, 60) as $ra) {
            $path .= self::line(array_map(static fn (int $dec): array => [self::MIDDLE + $ra, (float) $dec], range(-90, 90, 6)));
        }

        return $path;
    }

    /** @return list<array{float, float}> places along the equator of the galaxy */
    private static function galacticPlane(): array
    {
        [$pole, $centre] = [self::vector(...self::GALACTIC_POLE), self::vector(...self::GALACTIC_CENTRE)];
        $side = [
            $pole[1] * $centre[2] - $pole[2] * $centre[1],
            $pole[2] * $centre[0] - $pole[0] * $centre[2],
            $pole[0] * $centre[1] - $pole[1] * $centre[0],
        ];
        $places = [];
        foreach (range(0, 360, 4) as $longitude) {
            [$along, $across] = [cos(deg2rad($longitude)), sin(deg2rad($longitude))];
            [$x, $y, $z] = array_map(static fn (float $a, float $b): float => $along * $a + $across * $b, $centre, $side);
            $places[] = [fmod(rad2deg(atan2($y, $x)) + 360.0, 360.0), rad2deg(asin(max(-1.0, min(1.0, $z))))];
        }

        return $places;
    }

    /** @return array{float, float, float} */
    private static function vector(float $ra, float $dec): array
    {
        return [cos(deg2rad($dec)) * cos(deg2rad($ra)), cos(deg2rad($dec)) * sin(deg2rad($ra)), sin(deg2rad($dec))];
    }

    /**
     * A line through places, broken where it leaves the picture on one side and comes back on the other.
     *
     * @param list<array{float, float}> $places
     */
    private static function line(array $places): string
    {
        $path = '';
        $last = null;
        foreach ($places as [$ra, $dec]) {
            [$x, $y] = self::point($ra, $dec);
            $path .= sprintf('%s%.1F %.1F', $last === null || abs($x - $last) > self::WIDTH / 3 ? 'M' : 'L', $x, $y);
            $last = $x;
        }

        return $path;
    }
}
