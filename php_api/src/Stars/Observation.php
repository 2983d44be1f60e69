<?php

declare(strict_types=1);

namespace CrowdSky\Stars;

use CrowdSky\Sky\Visibility;

/** What one epoch saw of a star, with the epoch. Unknown values are null. */
final class Observation
{
    // 0e0 makes doubles of MariaDB's floats, of which it shows six digits only.
    public const COLUMNS = 'o.epoch_id, e.stack_id, e.field_id, e.part, e.mjd_utc, e.bjd_tdb, e.ra_deg, e.dec_deg, e.airmass,
        e.exposure_s, e.telescope, e.filter_name, e.bands, e.width, e.height, e.zero_point_r, e.zero_point_g, e.zero_point_b,
        e.zero_point_error_r, e.zero_point_error_g, e.zero_point_error_b, e.catalogue, s.user_id,
        o.x + 0e0 AS x, o.y + 0e0 AS y, o.flux_r + 0e0 AS flux_r, o.flux_g + 0e0 AS flux_g, o.flux_b + 0e0 AS flux_b,
        o.error_r + 0e0 AS error_r, o.error_g + 0e0 AS error_g, o.error_b + 0e0 AS error_b, o.flags';
    /**
     * Tables of the columns: the epochs of stars with their stacks, about which Visibility has a condition. CROSS keeps SQLite
     * from reading all epochs first.
     */
    public const FROM = 'star_observations o CROSS JOIN epochs e ON e.id = o.epoch_id JOIN ' . Visibility::FROM . ' ON s.id = e.stack_id';

    /**
     * @param array<string, ?float> $fluxes by band R, G and B, or L of a monochrome sensor; ADU
     * @param array<string, ?float> $errors of the fluxes, likewise
     * @param array<string, ?float> $zeroPoints of the stack itself, by band
     * @param array<string, ?float> $zeroPointErrors likewise
     */
    private function __construct(
        public readonly int $epochId,
        public readonly int $stackId,
        public readonly ?int $fieldId,
        /** number of the interval in its series, from 1; 0 for a whole stack */
        public readonly int $part,
        /** of mid-exposure */
        public readonly ?float $mjdUtc,
        /** of mid-exposure, in the middle of the picture */
        public readonly ?float $bjdTdb,
        /** middle of the picture, degrees (ICRS) */
        public readonly ?float $centreRa,
        public readonly ?float $centreDec,
        public readonly ?float $airmass,
        /** seconds of all subs together */
        public readonly ?float $exposure,
        public readonly ?string $telescope,
        public readonly ?string $filter,
        /** size of the picture and place of the star in pixels, the first is 0 */
        public readonly ?int $width,
        public readonly ?int $height,
        public readonly float $x,
        public readonly float $y,
        public readonly array $fluxes,
        public readonly array $errors,
        public readonly array $zeroPoints,
        public readonly array $zeroPointErrors,
        /** catalogue of the stack's own zero points */
        public readonly ?string $catalogue,
        /** bits of StarFlag */
        public readonly int $flags,
        public readonly int $ownerId,
    ) {
    }

    /** @param array<string, mixed> $row of COLUMNS */
    public static function fromRow(array $row): self
    {
        return new self(
            epochId: (int) $row['epoch_id'],
            stackId: (int) $row['stack_id'],
            fieldId: self::integer($row['field_id']),
            part: (int) $row['part'],
            mjdUtc: self::number($row['mjd_utc']),
            bjdTdb: self::number($row['bjd_tdb']),
            centreRa: self::number($row['ra_deg']),
            centreDec: self::number($row['dec_deg']),
            airmass: self::number($row['airmass']),
            exposure: self::number($row['exposure_s']),
            telescope: $row['telescope'],
            filter: $row['filter_name'],
            width: self::integer($row['width']),
            height: self::integer($row['height']),
            x: (float) $row['x'],
            y: (float) $row['y'],
            fluxes: self::byBand($row, 'flux_r', 'flux_g', 'flux_b'),
            errors: self::byBand($row, 'error_r', 'error_g', 'error_b'),
            zeroPoints: self::byBand($row, 'zero_point_r', 'zero_point_g', 'zero_point_b'),
            zeroPointErrors: self::byBand($row, 'zero_point_error_r', 'zero_point_error_g', 'zero_point_error_b'),
            catalogue: $row['catalogue'],
            flags: (int) $row['flags'],
            ownerId: (int) $row['user_id'],
        );
    }
    /**
     * @param array<string, mixed> $row
     * @return array<string, ?float>
     */
    private static function byBand(array $row, string $red, string $green, string $blue): array
    {
        return $row['bands'] === 'L'
            ? ['L' => self::number($row[$green])]
            : ['R' => self::number($row[$red]), 'G' => self::number($row[$green]), 'B' => self::number($row[$blue])];
    }

    private static function number(mixed $value): ?float
    {
        return $value === null ? null : (float) $value;
    }

    private static function integer(mixed $value): ?int
    {
        return $value === null ? null : (int) $value;
    }
}
