<?php

declare(strict_types=1);

namespace CrowdSky\Calibrations;

use CrowdSky\Stars\StarFlag;

/** A star in one band, as a calibration has it. All in magnitudes. */
final class StarCalibration
{
    // 0e0: see Observation.
    public const COLUMNS = 'calibration_id, star_id, band, mag, mag_error + 0e0 AS mag_error, colour + 0e0 AS colour, n_epochs,
        scatter_mag + 0e0 AS scatter_mag, chi2 + 0e0 AS chi2, extra_mag + 0e0 AS extra_mag, flags';

    private function __construct(
        public readonly int $calibrationId,
        public readonly int $starId,
        /** R, G, B or L */
        public readonly string $band,
        public readonly float $mag,
        public readonly float $error,
        /** minus the reference colour; null is unknown */
        public readonly ?float $colour,
        public readonly int $epochs,
        public readonly ?float $scatter,
        /** reduced */
        public readonly ?float $chi2,
        /** error of each of its magnitudes beyond the model */
        public readonly float $extra,
        /** bits of StarFlag */
        public readonly int $flags,
    ) {
    }

    /** @param array<string, mixed> $row of COLUMNS */
    public static function fromRow(array $row): self
    {
        $number = static fn (mixed $value): ?float => $value === null ? null : (float) $value;
        return new self(
            calibrationId: (int) $row['calibration_id'],
            starId: (int) $row['star_id'],
            band: $row['band'],
            mag: (float) $row['mag'],
            error: (float) $row['mag_error'],
            colour: $number($row['colour']),
            epochs: (int) $row['n_epochs'],
            scatter: $number($row['scatter_mag']),
            chi2: $number($row['chi2']),
            extra: (float) $row['extra_mag'],
            flags: (int) $row['flags'],
        );
    }

    /** The same where the star's own light may have come from stacks that are not to be seen any more: only what its points need. */
    public function withoutFindings(): self
    {
        $flags = $this->flags & ~(StarFlag::VARIABLE | StarFlag::OFF_MODEL);
        return new self(
            calibrationId: $this->calibrationId,
            starId: $this->starId,
            band: $this->band,
            mag: $this->mag,
            error: $this->error,
            colour: $this->colour,
            epochs: 0,
            scatter: null,
            chi2: null,
            extra: $this->extra,
            flags: $flags,
        );
    }

    /**
     * A mean of points that somebody sees, without anything else.
     *
     * @param int $epochs number of points
     */
    public static function ofPoints(int $calibrationId, int $starId, string $band, float $mag, float $error, int $epochs): self
    {
        return new self(
            calibrationId: $calibrationId,
            starId: $starId,
            band: $band,
            mag: $mag,
            error: $error,
            colour: null,
            epochs: $epochs,
            scatter: null,
            chi2: null,
            extra: 0.0,
            flags: 0,
        );
    }
}
