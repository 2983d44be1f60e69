<?php

declare(strict_types=1);

namespace CrowdSky\LightCurves;

use CrowdSky\Calibrations\Calibration;
use CrowdSky\Calibrations\StarCalibration;
use CrowdSky\Calibrations\ZeroPoint;
use CrowdSky\Fits\CardTable;
use CrowdSky\Fits\SkyPosition;
use CrowdSky\Sky\Viewer;
use CrowdSky\Stars\StarFlag;

/**
 * Makes the points of a curve of the rows of CurveQuery.
 *
 * Of stacks of others it leaves out what tells where they were taken: the airmass, and more than six decimals of the
 * barycentric time; and telescopes and filters but known ones.
 */
final class PointReader
{
    private const DOUBTFUL = StarFlag::SATURATED | StarFlag::BLENDED | StarFlag::EDGE | StarFlag::DETECTION | StarFlag::NOT_POSITIVE
        | StarFlag::AMBIGUOUS;
    /** Decimals of a day, and of magnitudes and an airmass. */
    private const DAYS = 8;
    private const PUBLIC_DAYS = 6;
    private const MAGS = 5;

    /** @var array<int, int> place of a calibration in the order of preference, by its id */
    private readonly array $ranks;
    private readonly StarTimes $times;

    /**
     * @param list<Calibration> $calibrations in the order of preference
     * @param array<int, array<string, StarCalibration>> $means of the star, by calibration and band
     */
    public function __construct(
        Star $star,
        private readonly array $calibrations,
        private readonly array $means,
        private readonly CurveWish $wish,
        private readonly Viewer $viewer,
    ) {
        $this->times = new StarTimes($star->position);
        $this->ranks = array_flip(array_map(static fn (Calibration $one): int => $one->id, $calibrations));
    }

    /**
     * @param iterable<array<string, mixed>> $rows by epoch; one for each of its zero points, else one
     * @return \Generator<int, Point>
     */
    public function points(iterable $rows): \Generator
    {
        $epoch = [];
        foreach ($rows as $row) {
            if ($epoch !== [] && $epoch[0]['epoch_id'] !== $row['epoch_id']) {
                yield from $this->ofEpoch($epoch);
                $epoch = [];
            }
            $epoch[] = $row;
        }
        if ($epoch !== []) {
            yield from $this->ofEpoch($epoch);
        }
    }

    /**
     * @param non-empty-list<array<string, mixed>> $rows of one epoch
     * @return \Generator<int, Point>
     */
    private function ofEpoch(array $rows): \Generator
    {
        $zeros = $this->zeroPoints($rows);
        foreach (Band::ofEpoch($rows[0]['bands']) as $band) {
            $zero = $zeros[$band->value] ?? null;
            // In a published version is only what was in it.
            $isWanted = ($this->wish->band ?? $band) === $band && ($zero !== null || $this->wish->version === null);
            $point = $isWanted ? $this->point($rows[0], $band, $zero) : null;
            if ($point !== null && !($this->wish->isGoodOnly && self::isDoubtful($point))) {
                yield $point;
            }
        }
    }

    /**
     * @param non-empty-list<array<string, mixed>> $rows of one epoch
     * @return array<string, ZeroPoint> by band, of the first calibration that has the epoch
     */
    private function zeroPoints(array $rows): array
    {
        $byRank = [];
        foreach ($rows as $row) {
            if ($row['calibration_id'] !== null) {
                $byRank[$this->ranks[(int) $row['calibration_id']]][$row['band']] = ZeroPoint::fromRow($row);
            }
        }
        ksort($byRank);

        return $byRank === [] ? [] : reset($byRank);
    }

    /** @param array<string, mixed> $row */
    private function point(array $row, Band $band, ?ZeroPoint $zero): Point
    {
        $calibration = $zero === null ? null : $this->calibrations[$this->ranks[$zero->calibrationId]];
        $mean = $zero === null ? null : $this->means[$zero->calibrationId][$band->value] ?? null;
        $column = $band->column();
        $isOwn = $this->viewer->owns((int) $row['user_id']);
        $flux = self::number($row["flux_$column"]);
        $magnitude = $flux === null || $flux <= 0.0 ? null : self::magnitude($row, $flux, $column, $zero, $mean);

        return new Point(
            bjd: $this->time($row, $isOwn),
            mjd: self::rounded($row['mjd_utc'], self::DAYS),
            band: $band,
            mag: self::rounded($magnitude?->mag, self::MAGS),
            magError: self::rounded($magnitude?->error, self::MAGS),
            flux: $flux,
            fluxError: self::number($row["error_$column"]),
            quality: (int) $row['flags'] | ($mean->flags ?? 0)
                | ($flux === null || $flux <= 0.0 ? StarFlag::NOT_POSITIVE : 0)
                | ($zero !== null && $mean?->colour === null ? StarFlag::COLOUR_UNKNOWN : 0),
            fieldId: $row['field_id'] === null ? null : (int) $row['field_id'],
            stackId: (int) $row['stack_id'],
            part: (int) $row['part'],
            telescope: $isOwn ? $row['telescope'] : CardTable::get()->publicText('TELESCOP', $row['telescope']),
            filter: $isOwn ? $row['filter_name'] : CardTable::get()->publicText('FILTER', $row['filter_name']),
            airmass: $isOwn ? self::rounded($row['airmass'], self::MAGS) : null,
            exposure: self::number($row['exposure_s']),
            calibration: $calibration,
            zeroPointError: self::rounded($zero === null ? $row["zero_point_error_$column"] : $zero->error, self::MAGS),
            catalogue: $calibration === null ? $row['catalogue'] : $calibration->catalogue,
        );
    }

    /** @param array<string, mixed> $row */
    private static function magnitude(array $row, float $flux, string $column, ?ZeroPoint $zero, ?StarCalibration $mean): ?Magnitude
    {
        $fluxError = self::number($row["error_$column"]);
        if ($zero !== null) {
            return Magnitude::calibrated($flux, $fluxError, $row, $zero, $mean);
        }
        $zeroPoint = self::number($row["zero_point_$column"]);

        return $zeroPoint === null ? null : Magnitude::ofStack($flux, $fluxError, $zeroPoint, self::number($row["zero_point_error_$column"]));
    }

    /** @param array<string, mixed> $row */
    private function time(array $row, bool $isOwn): ?float
    {
        $middle = SkyPosition::fromDegrees(self::number($row['ra_deg']), self::number($row['dec_deg']));
        $time = self::number($row['bjd_tdb']);
        if ($time === null || $middle === null) {
            return null;
        }

        return round($this->times->at($isOwn ? $time : round($time, self::PUBLIC_DAYS), $middle), $isOwn ? self::DAYS : self::PUBLIC_DAYS);
    }

    private static function isDoubtful(Point $point): bool
    {
        return $point->mag === null || $point->magError === null || $point->calibration === null || ($point->quality & self::DOUBTFUL) !== 0;
    }

    private static function number(mixed $value): ?float
    {
        return $value === null ? null : (float) $value;
    }

    private static function rounded(mixed $value, int $decimals): ?float
    {
        return $value === null ? null : round((float) $value, $decimals);
    }
}
