<?php

declare(strict_types=1);

namespace CrowdSky\Pages\Plot;

use CrowdSky\Pages\SkyFormat;
use CrowdSky\Pages\Texts;

/** Magnitudes of a star over time: BJD below, dates above. */
final class LightCurvePlot
{
    /** Points that are drawn one by one. */
    public const MOST = 600;
    private const TICKS = 8;
    /** Days between the ends of the axis, at least: 14 minutes. */
    private const NARROWEST = 0.01;
    private const MJD_ZERO = 2_400_000.5;

    /**
     * @param list<PlotPoint> $points x is BJD (TDB)
     * @param float $clock days by which BJD (TDB) is ahead of JD (UTC) there
     * @return Plot|null null without points
     */
    public static function of(array $points, string $band, float $clock, Symbols $symbols, Texts $texts): ?Plot
    {
        if ($points === []) {
            return null;
        }
        $drawn = Bins::of($points, self::MOST);
        $times = array_map(static fn (PlotPoint $point): float => $point->x, $drawn);
        $across = Axis::around(min($times), max($times), self::NARROWEST, self::TICKS);
        $zero = self::zero($across);
        $calendar = CalendarTicks::between($across->low - $clock - self::MJD_ZERO, $across->high - $clock - self::MJD_ZERO, self::TICKS, $texts);
        $above = array_map(static fn (float $mjd): float => $mjd + self::MJD_ZERO + $clock, $calendar->ticks);
        $frame = new PlotFrame('curve', $drawn, $across, $symbols, $texts);

        return new Plot(
            $frame->svg(
                $texts->say('Light curve in {band}', ['band' => $band]),
                self::description($points, $texts),
                'BJD (TDB)' . ($zero > 0.0 ? sprintf(' − %.0F', $zero) : ''),
                self::labels($across, $zero, $texts),
                $calendar->caption,
                $above,
            ),
            $frame->key(),
            self::notes(count($points), $drawn, $frame->outside(), $texts),
        );
    }

    /** A round number that all ticks have in common, so that their labels stay short. */
    private static function zero(Axis $across): float
    {
        return floor($across->low / 1000.0) * 1000.0;
    }

    /** @return array<string, float> */
    private static function labels(Axis $across, float $zero, Texts $texts): array
    {
        $labels = [];
        foreach ($across->ticks as $tick) {
            $labels[$across->label($texts, $tick - $zero)] = $tick;
        }

        return $labels;
    }

    /** @param non-empty-list<PlotPoint> $points */
    private static function description(array $points, Texts $texts): string
    {
        $times = array_map(static fn (PlotPoint $point): float => $point->x, $points);
        $mags = array_map(static fn (PlotPoint $point): float => $point->mag, $points);

        return $texts->count(
            count($points),
            '{n} point from BJD {first} to {last}, between {bright} and {faint} mag; brighter is higher. A table of the points follows.',
            '{n} points from BJD {first} to {last}, between {bright} and {faint} mag; brighter is higher. A table of the points follows.',
            [
                'first' => SkyFormat::number($texts, min($times), 4),
                'last' => SkyFormat::number($texts, max($times), 4),
                'bright' => SkyFormat::number($texts, min($mags), 2),
                'faint' => SkyFormat::number($texts, max($mags), 2),
            ],
        );
    }

    /**
     * @param list<PlotPoint> $drawn
     * @return list<string>
     */
    private static function notes(int $all, array $drawn, int $outside, Texts $texts): array
    {
        $notes = count($drawn) < $all
            ? [$texts->say(
                'The plot shows {all} points as {n} means over short times; pale bars reach from the brightest to the faintest point of each. Downloads have all points.',
                ['all' => $texts->number($all), 'n' => $texts->number(count($drawn))],
            )]
            : [];

        return $outside === 0 ? $notes : [...$notes, $texts->count(
            $outside,
            '{n} flagged point lies outside the plot; the table has it.',
            '{n} flagged points lie outside the plot; the table has them.',
        )];
    }
}
