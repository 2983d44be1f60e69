<?php

declare(strict_types=1);

namespace CrowdSky\Pages\Stars;

use CrowdSky\LightCurves\Band;
use CrowdSky\LightCurves\Point;
use CrowdSky\Pages\Plot\PlotPoint;
use CrowdSky\Pages\Texts;

/** The points of a star in one band, as plots and lists want them. */
final class BandCurve
{
    /** Hours without a point that separate two nights. */
    private const DAYLIGHT = 6.0;

    /** @param list<Point> $points the oldest first */
    public function __construct(public readonly Band $band, public readonly array $points, private readonly Texts $texts)
    {
    }

    public function telescope(Point $point): string
    {
        return $point->telescope ?? $this->texts->say('a telescope');
    }

    /** @return list<PlotPoint> of all points that have a time and a magnitude */
    public function plotted(): array
    {
        $plotted = [];
        foreach ($this->points as $point) {
            if ($point->bjd !== null && $point->mag !== null) {
                $isFlagged = FlagWords::isDoubtful($point->quality);
                $plotted[] = new PlotPoint($point->bjd, $point->mag, $point->magError, $this->telescope($point), $point->calibration !== null, $isFlagged);
            }
        }

        return $plotted;
    }

    /** @return float days by which BJD (TDB) is ahead of JD (UTC), on average */
    public function clock(): float
    {
        $ahead = [];
        foreach ($this->points as $point) {
            if ($point->bjd !== null && $point->mjd !== null) {
                $ahead[] = $point->bjd - 2_400_000.5 - $point->mjd;
            }
        }

        return $ahead === [] ? 0.0 : array_sum($ahead) / count($ahead);
    }

    public function nights(): int
    {
        $times = array_filter(array_map(static fn (Point $point): ?float => $point->mjd, $this->points), is_float(...));
        sort($times);
        $nights = $times === [] ? 0 : 1;
        foreach (array_slice($times, 1) as $at => $time) {
            $nights += $time - $times[$at] > self::DAYLIGHT / 24.0 ? 1 : 0;
        }

        return $nights;
    }

    public function calibrated(): int
    {
        return count(array_filter($this->points, static fn (Point $point): bool => $point->calibration !== null));
    }

    /** @return int points that something makes doubtful */
    public function flagged(): int
    {
        return count(array_filter($this->points, static fn (Point $point): bool => FlagWords::isDoubtful($point->quality)));
    }

    /** @return float|null of the points that are calibrated and that nothing makes doubtful, or of more where there are none of these */
    public function medianError(): ?float
    {
        $all = $this->plotted();
        $calibrated = array_values(array_filter($all, static fn (PlotPoint $point): bool => $point->isCalibrated));
        $sound = array_values(array_filter($calibrated, static fn (PlotPoint $point): bool => !$point->isFlagged));
        $error = PlotPoint::medianError($sound ?: $calibrated ?: $all);

        return $error > 0.0 ? $error : null;
    }
}
