<?php

declare(strict_types=1);

namespace CrowdSky\Pages\Plot;

use CrowdSky\Pages\Figures;
use CrowdSky\Pages\SkyFormat;
use CrowdSky\Pages\Texts;

/**
 * Magnitudes of a star over the phase of a period: two cycles beside each other, and the begin and the end of their
 * neighbours, so that no point stands on the frame.
 */
final class PhasePlot
{
    /** Points of one cycle that are drawn one by one. */
    public const MOST = 300;
    private const TICKS = 11;
    /** Part of a cycle that is shown before the first and after the last phase. */
    private const MARGIN = 0.05;

    /**
     * @param list<PlotPoint> $points x is BJD (TDB)
     * @param float $period in days, positive
     * @param float $epoch BJD of phase 0
     * @return Plot|null null without points
     */
    public static function of(array $points, string $band, float $period, float $epoch, Symbols $symbols, Texts $texts): ?Plot
    {
        if ($points === []) {
            return null;
        }
        $folded = array_map(static fn (PlotPoint $point): PlotPoint => $point->at(self::phase($point->x, $period, $epoch)), $points);
        $cycle = Bins::of($folded, self::MOST);
        $across = Axis::from(-self::MARGIN, 2.0 + self::MARGIN, self::TICKS);
        $ticks = [];
        foreach ($across->ticks as $tick) {
            $ticks[$across->label($texts, $tick)] = $tick;
        }
        $frame = new PlotFrame('phase', self::repeated($cycle, $across), $across, $symbols, $texts);
        $description = $texts->count(
            count($points),
            '{n} point folded with a period of {period} d; phase 0 is BJD {epoch}. It is drawn once in each cycle.',
            '{n} points folded with a period of {period} d; phase 0 is BJD {epoch}. Each is drawn once in each cycle.',
            ['period' => Figures::plain($texts, $period, 8), 'epoch' => SkyFormat::number($texts, $epoch, 5)],
        );
        $notes = count($cycle) < count($points)
            ? [$texts->say(
                'The plot shows {all} points as {n} means over short phases; pale bars reach from the brightest to the faintest point of each.',
                ['all' => $texts->number(count($points)), 'n' => $texts->number(count($cycle))],
            )]
            : [];
        $title = $texts->say('Phase plot in {band}', ['band' => $band]);

        return new Plot($frame->svg($title, $description, $texts->say('phase, two cycles'), $ticks), $frame->key(), $notes);
    }

    /**
     * @param non-empty-list<PlotPoint> $cycle
     * @return non-empty-list<PlotPoint> those of all cycles that are on the axis
     */
    private static function repeated(array $cycle, Axis $across): array
    {
        $drawn = [...$cycle, ...array_map(static fn (PlotPoint $point): PlotPoint => $point->at($point->x + 1.0), $cycle)];
        foreach ($cycle as $point) {
            if ($point->x + 2.0 <= $across->high) {
                $drawn[] = $point->at($point->x + 2.0);
            }
            if ($point->x - 1.0 >= $across->low) {
                $drawn[] = $point->at($point->x - 1.0);
            }
        }

        return $drawn;
    }

    /** @return float from 0 up to, but not including, 1 */
    public static function phase(float $bjd, float $period, float $epoch): float
    {
        $cycles = ($bjd - $epoch) / $period;
        $phase = $cycles - floor($cycles);

        // A tiny negative number is 1 in double precision.
        return $phase >= 1.0 ? 0.0 : $phase;
    }
}
