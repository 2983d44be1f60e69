<?php

declare(strict_types=1);

namespace CrowdSky\Stars;

use CrowdSky\Database\Database;

/** The brightest stars of a stack as they were measured, to be drawn. */
final class MeasuredSky
{
    public function __construct(private readonly Database $database)
    {
    }

    /**
     * @return MeasuredField|null null for a stack without measured stars
     */
    public function brightest(int $stackId, int $limit): ?MeasuredField
    {
        $epoch = $this->database->one(
            'SELECT id, width, height, n_stars FROM epochs WHERE stack_id = ? AND series_seconds = 0 AND part = 0 AND superseded_at IS NULL',
            [$stackId],
        );
        if ($epoch === null || $epoch['width'] === null || $epoch['height'] === null) {
            return null;
        }
        $rows = $this->database->all(
            'SELECT x, y, flux_r, flux_g, flux_b FROM star_observations WHERE epoch_id = ? AND flux_g > 0 ORDER BY flux_g DESC LIMIT ' . $limit,
            [$epoch['id']],
        );

        return $rows === [] ? null : new MeasuredField((int) $epoch['width'], (int) $epoch['height'], (int) $epoch['n_stars'], array_map(
            static fn (array $row): array => [(float) $row['x'], (float) $row['y'], (float) $row['flux_g'], self::redness($row)],
            $rows,
        ));
    }

    /**
     * Light in red against that in blue, as magnitudes; null where one was not measured.
     *
     * @param array<string, mixed> $row
     */
    private static function redness(array $row): ?float
    {
        $isMeasured = (float) $row['flux_r'] > 0.0 && (float) $row['flux_b'] > 0.0;

        return $isMeasured ? 2.5 * log10((float) $row['flux_r'] / (float) $row['flux_b']) : null;
    }
}
