<?php

declare(strict_types=1);

namespace CrowdSky\Pages\Plot;

use CrowdSky\Base\Format;

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
    public static function of(array $points, string $band, float $clock, Symbols $symbols): ?Plot
    {
        if ($points === []) {
            return null;
        }
        $drawn = Bins::of($points, self::MOST);
        $times = array_map(static fn (PlotPoint $point): float => $point->x, $drawn);
        $across = Axis::around(min($times), max($times), self::NARROWEST, self::TICKS);
        $zero = self::zero($across);
        $calendar = CalendarTicks::between($across->low - $clock - self::MJD_ZERO, $across->high - $clock - self::MJD_ZERO, self::TICKS);
        $above = array_map(static fn (float $mjd): float => $mjd + self::MJD_ZERO + $clock, $calendar->ticks);
        $frame = new PlotFrame('curve', $drawn, $across, $symbols);

        return new Plot(
            $frame->svg("Light curve in $band", self::description($points), 'BJD (TDB)' . ($zero > 0.0 ? sprintf(' − %.0F', $zero) : ''), self::labels($across, $zero), $calendar->caption, $above),
            $frame->key(),
            self::notes(count($points), $drawn, $frame->outside()),
        );
    }

    /** A round number that all ticks have in common, so that their labels stay short. */
    private static function zero(Axis $across): float
    {
        return floor($across->low / 1000.0) * 1000.0;
    }

    /** @return array<string, float> */
    private static function labels(Axis $across, float $zero): array
    {
        $labels = [];
        foreach ($across->ticks as $tick) {
            $labels[$across->label($tick - $zero)] = $tick;
        }

        return $labels;
    }

    /** @param non-empty-list<PlotPoint> $points */
    private static function description(array $points): string
    {
        $times = array_map(static fn (PlotPoint $point): float => $point->x, $points);
        $mags = array_map(static fn (PlotPoint $point): float => $point->mag, $points);

        return sprintf(
            '%s from BJD %.4F to %.4F, between %.2F and %.2F mag; brighter is higher. A table of the points follows.',
            Format::count(count($points), 'point', 'points'),
            min($times),
            max($times),
            min($mags),
            max($mags),
        );
    }

    /**
     * @param list<PlotPoint> $drawn
     * @return list<string>
     */
    private static function notes(int $all, array $drawn, int $outside): array
    {
        $notes = count($drawn) < $all
            ? ["The plot shows $all points as " . count($drawn) . ' means over short times; pale bars reach from the brightest to the faintest point of each. Downloads have all points.']
            : [];

        return $outside === 0 ? $notes : [...$notes, Format::count($outside, 'flagged point lies', 'flagged points lie') . ' outside the plot; the table has them.'];
    }
}
