<?php

declare(strict_types=1);

namespace CrowdSky\LightCurves;

use CrowdSky\Calibrations\Calibration;
use CrowdSky\Fits\SkyPosition;

/** What the archive itself has found out about how a star varies. */
final class FoundVariable
{
    /** Kind of a star that was searched because somebody asked for it, and in which nothing was found. */
    public const CONSTANT = 'constant';

    // 0e0: see Observation.
    public const COLUMNS = 'v.calibration_id, v.star_id, v.band, v.kind, v.score, v.excess_mag + 0e0 AS excess_mag, v.n_points, v.n_nights,
        v.amplitude_mag + 0e0 AS amplitude_mag, v.period_d, v.period_error_d, v.period_fap, v.t0_bjd, v.depth_mag + 0e0 AS depth_mag,
        v.duration_d + 0e0 AS duration_d, v.trend_mag_per_d + 0e0 AS trend_mag_per_d, v.bright_epoch_id, v.faint_epoch_id,
        v.amplitude_error_mag + 0e0 AS amplitude_error_mag, v.remark, t.ra_deg, t.dec_deg';

    private function __construct(
        public readonly int $starId,
        public readonly SkyPosition $position,
        public readonly Calibration $calibration,
        /** R, G, B or L */
        public readonly string $band,
        /** periodic, eclipses, slow, irregular or constant */
        public readonly string $kind,
        /** ranks; 0 for a constant star */
        public readonly float $score,
        /** magnitudes of its scatter that its errors do not explain */
        public readonly float $excess,
        public readonly int $points,
        public readonly int $nights,
        /** magnitudes */
        public readonly float $amplitude,
        /** days; null when none is claimed */
        public readonly ?float $period,
        public readonly ?float $periodError,
        /** probability that noise alone gives such a period */
        public readonly ?float $falseAlarm,
        /** BJD of phase 0, for eclipses the middle of one */
        public readonly ?float $epoch,
        /** of eclipses, in magnitudes and in days */
        public readonly ?float $depth,
        public readonly ?float $duration,
        /** magnitudes per day */
        public readonly ?float $trend,
        /** epochs in which it was brightest and faintest */
        public readonly ?int $brightEpochId,
        public readonly ?int $faintEpochId,
        /** of the amplitude, magnitudes; null when it is not known */
        public readonly ?float $amplitudeError,
        /** why no period is claimed, in English; null with one, and where an older worker did not say */
        public readonly ?string $remark,
    ) {
    }

    /** @param array<string, mixed> $row of COLUMNS, of variable_candidates v and stars t */
    public static function fromRow(array $row, Calibration $calibration): self
    {
        $number = static fn (string $column): ?float => $row[$column] === null ? null : (float) $row[$column];
        $id = static fn (string $column): ?int => $row[$column] === null ? null : (int) $row[$column];

        return new self(
            starId: (int) $row['star_id'],
            position: SkyPosition::fromDegrees((float) $row['ra_deg'], (float) $row['dec_deg'])
                ?? throw new \UnexpectedValueException("The star {$row['star_id']} has no position"),
            calibration: $calibration,
            band: $row['band'],
            kind: $row['kind'],
            score: (float) $row['score'],
            excess: (float) $row['excess_mag'],
            points: (int) $row['n_points'],
            nights: (int) $row['n_nights'],
            amplitude: (float) $row['amplitude_mag'],
            period: $number('period_d'),
            periodError: $number('period_error_d'),
            falseAlarm: $number('period_fap'),
            epoch: $number('t0_bjd'),
            depth: $number('depth_mag'),
            duration: $number('duration_d'),
            trend: $number('trend_mag_per_d'),
            brightEpochId: $id('bright_epoch_id'),
            faintEpochId: $id('faint_epoch_id'),
            amplitudeError: $number('amplitude_error_mag'),
            remark: $row['remark'],
        );
    }
}
