<?php

declare(strict_types=1);

namespace CrowdSky\LightCurves;

use CrowdSky\Database\Database;
use CrowdSky\Measurements\Photometry;

/** The stars of one stack as the archive's list has them, with the magnitudes of the stack's own zero points. */
final class StackStars
{
    private const DECIMALS = 3;

    public function __construct(private readonly Database $database)
    {
    }

    /**
     * @param int $most the brightest ones
     * @return list<array<string, int|float|null>> `id` of the star; `x`, `y` in pixels, the centre of the first is 0;
     *                  `ra`, `dec` in degrees (ICRS); `mag_r`, `mag_g`, `mag_b` and `error_g` in mag, null where the
     *                  zero point or a positive flux is missing; `fwhm_px`; `flags` (see StarFlag)
     */
    public function of(int $stackId, int $most): array
    {
        $rows = $this->database->all(
            'SELECT o.star_id, o.x, o.y, o.flux_r, o.flux_g, o.flux_b, o.error_g, o.fwhm_px, o.flags,
                    e.zero_point_r, e.zero_point_g, e.zero_point_b, t.ra_deg, t.dec_deg
               FROM epochs e JOIN star_observations o ON o.epoch_id = e.id JOIN stars t ON t.id = o.star_id
              WHERE e.stack_id = ? AND e.series_seconds = 0 AND e.superseded_at IS NULL
              ORDER BY o.flux_g DESC, o.star_id LIMIT ' . $most,
            [$stackId],
        );

        return array_map(self::star(...), $rows);
    }

    /**
     * @param array<string, mixed> $row
     * @return array<string, int|float|null>
     */
    private static function star(array $row): array
    {
        $flux = $row['flux_g'] === null ? 0.0 : (float) $row['flux_g'];
        $mags = [];
        foreach (Photometry::PLANES as $plane) {
            $mags["mag_$plane"] = self::magnitude($row["flux_$plane"], $row["zero_point_$plane"]);
        }
        // Of the flux alone: the error of the zero point moves all stars of the stack alike.
        $error = $mags['mag_g'] === null || $row['error_g'] === null ? null : 2.5 / M_LN10 * (float) $row['error_g'] / $flux;

        return ['id' => (int) $row['star_id'], 'x' => round((float) $row['x'], 2), 'y' => round((float) $row['y'], 2)]
            + ['ra' => round((float) $row['ra_deg'], 6), 'dec' => round((float) $row['dec_deg'], 6)]
            + $mags
            + ['error_g' => $error === null ? null : round($error, self::DECIMALS)]
            + ['fwhm_px' => $row['fwhm_px'] === null ? null : round((float) $row['fwhm_px'], 2), 'flags' => (int) $row['flags']];
    }

    private static function magnitude(string|int|float|null $flux, string|int|float|null $zeroPoint): ?float
    {
        return $flux === null || (float) $flux <= 0.0 || $zeroPoint === null ? null : round((float) $zeroPoint - 2.5 * log10((float) $flux), self::DECIMALS);
    }
}
