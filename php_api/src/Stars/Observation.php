<?php

declare(strict_types=1);

namespace CrowdSky\Stars;

use CrowdSky\Sky\Visibility;

/** What one epoch saw of a star, with the epoch. Unknown values are null. */
final class Observation
{
    // 0e0 makes doubles of MariaDB's floats, of which it shows six digits only.
    public const COLUMNS = 'o.epoch_id, e.stack_id, e.field_id, e.series_seconds, e.part, e.mjd_utc, e.bjd_tdb, e.ra_deg, e.dec_deg, e.airmass,
        e.exposure_s, e.n_subs, e.telescope, e.filter_name, e.bands, e.width, e.height, e.zero_point_r, e.zero_point_g, e.zero_point_b,
        e.zero_point_error_r, e.zero_point_error_g, e.zero_point_error_b, e.catalogue, e.scale_arcsec, e.aperture_px, s.user_id,
        o.x + 0e0 AS x, o.y + 0e0 AS y, o.flux_r + 0e0 AS flux_r, o.flux_g + 0e0 AS flux_g, o.flux_b + 0e0 AS flux_b,
        o.error_r + 0e0 AS error_r, o.error_g + 0e0 AS error_g, o.error_b + 0e0 AS error_b, o.fwhm_px + 0e0 AS fwhm_px, o.flags';
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
        /** 0 for a stack, else the length of the intervals of the series in seconds */
        public readonly int $seriesSeconds,
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
        public readonly ?int $subs,
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
        public readonly ?float $scaleArcsec,
        public readonly ?float $fwhmPx,
        public readonly ?float $aperturePx,
        /** bits of StarFlag */
        public readonly int $flags,
        public readonly int $ownerId,
    ) {
    }

    /** @param array<string, mixed> $row of COLUMNS */
    public static function fromRow(array $row): self
    {
        $number = static fn (string $name): ?float => $row[$name] === null ? null : (float) $row[$name];
        $integer = static fn (string $name): ?int => $row[$name] === null ? null : (int) $row[$name];
        $columns = $row['bands'] === 'L' ? ['L' => 'g'] : ['R' => 'r', 'G' => 'g', 'B' => 'b'];
        $byBand = static fn (string $stem): array => array_map(static fn (string $letter): ?float => $number("{$stem}_$letter"), $columns);
        return new self(
            epochId: (int) $row['epoch_id'],
            stackId: (int) $row['stack_id'],
            fieldId: $integer('field_id'),
            seriesSeconds: (int) $row['series_seconds'],
            part: (int) $row['part'],
            mjdUtc: $number('mjd_utc'),
            bjdTdb: $number('bjd_tdb'),
            centreRa: $number('ra_deg'),
            centreDec: $number('dec_deg'),
            airmass: $number('airmass'),
            exposure: $number('exposure_s'),
            subs: $integer('n_subs'),
            telescope: $row['telescope'],
            filter: $row['filter_name'],
            width: $integer('width'),
            height: $integer('height'),
            x: (float) $row['x'],
            y: (float) $row['y'],
            fluxes: $byBand('flux'),
            errors: $byBand('error'),
            zeroPoints: $byBand('zero_point'),
            zeroPointErrors: $byBand('zero_point_error'),
            catalogue: $row['catalogue'],
            scaleArcsec: $number('scale_arcsec'),
            fwhmPx: $number('fwhm_px'),
            aperturePx: $number('aperture_px'),
            flags: (int) $row['flags'],
            ownerId: (int) $row['user_id'],
        );
    }
}
