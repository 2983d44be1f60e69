<?php

declare(strict_types=1);

namespace CrowdSky\Stars;

use CrowdSky\Database\Database;
use CrowdSky\Sky\Viewer;
use CrowdSky\Sky\Visibility;

/** The observations of one star in stacks that a viewer sees: what light curves are made of. */
final class StarObservations
{
    // 0e0 makes doubles of MariaDB's floats, of which it shows six digits only.
    private const COLUMNS = 'o.epoch_id, e.stack_id, e.field_id, e.series_seconds, e.part, e.mjd_utc, e.bjd_tdb, e.ra_deg, e.dec_deg, e.airmass,
        e.exposure_s, e.n_subs, e.telescope, e.filter_name, e.bands, e.width, e.height, e.zero_point_r, e.zero_point_g, e.zero_point_b,
        e.zero_point_error_r, e.zero_point_error_g, e.zero_point_error_b, e.catalogue, e.scale_arcsec, e.aperture_px, s.user_id,
        o.x + 0e0 AS x, o.y + 0e0 AS y, o.flux_r + 0e0 AS flux_r, o.flux_g + 0e0 AS flux_g, o.flux_b + 0e0 AS flux_b,
        o.error_r + 0e0 AS error_r, o.error_g + 0e0 AS error_g, o.error_b + 0e0 AS error_b, o.fwhm_px + 0e0 AS fwhm_px, o.flags';

    public function __construct(private readonly Database $database)
    {
    }

    /**
     * @param int $seriesSeconds 0 for stacks, else the length of the intervals of a series
     * @return list<Observation> in the order of time; those of superseded measurements are left out
     */
    public function of(int $starId, Viewer $viewer, int $seriesSeconds = 0): array
    {
        $visible = Visibility::condition($viewer);
        $rows = $this->database->all(
            'SELECT ' . self::COLUMNS . ' FROM star_observations o JOIN epochs e ON e.id = o.epoch_id JOIN ' . Visibility::FROM . " ON s.id = e.stack_id
              WHERE o.star_id = ? AND e.series_seconds = ? AND e.superseded_at IS NULL AND {$visible->sql}
              ORDER BY e.mjd_utc, o.epoch_id",
            [$starId, $seriesSeconds, ...$visible->values],
        );
        return array_map(Observation::fromRow(...), $rows);
    }
}
