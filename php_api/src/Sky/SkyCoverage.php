<?php

declare(strict_types=1);

namespace CrowdSky\Sky;

use CrowdSky\Database\Database;
use CrowdSky\Fits\CardTable;

/** How much was observed where: sums over the stacks that a viewer may see. */
final class SkyCoverage
{
    /** The pixel of a stack (NSIDE 128, RING): that of its place, else that of its key. */
    private const PIXEL = 'COALESCE(s.sky_pixel, s.key_pixel)';

    public function __construct(private readonly Database $database, private readonly Places $places)
    {
    }

    /**
     * By pixel and filter. Filters that the viewer may not know are taken together, without a name.
     *
     * @return list<CoveredTile> rising by pixel
     */
    public function byPixelAndFilter(Viewer $viewer): array
    {
        $this->places->complete();
        $visible = Visibility::condition($viewer);
        $rows = $this->database->all(
            'SELECT ' . self::PIXEL . ' AS pixel, s.filter_name AS name, CASE WHEN s.user_id = ? THEN 1 ELSE 0 END AS own, ' . self::sums($viewer)
            . ' FROM ' . Visibility::FROM . " WHERE {$visible->sql} AND (s.sky_pixel IS NOT NULL OR s.key_pixel IS NOT NULL)
              GROUP BY 1, 2, 3 HAVING stacks > 0 OR exposure > 0 ORDER BY 1, 2, 3",
            [$viewer->userId ?? 0, ...$visible->values],
        );
        $tiles = [];
        $shown = [];
        foreach (array_unique(array_filter(array_column($rows, 'name'), is_string(...))) as $name) {
            $shown[$name] = CardTable::get()->publicText('FILTER', $name);
        }
        foreach ($rows as $row) {
            $name = $row['own'] ? $row['name'] : $shown[$row['name'] ?? ''] ?? null;
            $tile = CoveredTile::fromRow(['name' => $name] + $row);
            $key = "{$tile->pixel} $name";
            $tiles[$key] = isset($tiles[$key]) ? $tiles[$key]->with($tile) : $tile;
        }

        return array_values($tiles);
    }

    /**
     * The tiles that lack light most.
     *
     * @param bool $byExposure least exposure first; else the one whose last observation is longest ago
     * @return list<CoveredTile> name is null
     */
    public function poorestTiles(Viewer $viewer, bool $byExposure, int $limit): array
    {
        $this->places->complete();
        $visible = Visibility::condition($viewer);
        $rows = $this->database->all(
            'SELECT ' . self::PIXEL . ' AS pixel, NULL AS name, ' . self::sums($viewer) . ' FROM ' . Visibility::FROM
            . " WHERE {$visible->sql} AND (s.sky_pixel IS NOT NULL OR s.key_pixel IS NOT NULL) GROUP BY 1 HAVING stacks > 0 OR exposure > 0 ORDER BY "
            . self::order($byExposure) . ', 1 LIMIT ' . $limit,
            $visible->values,
        );

        return array_map(CoveredTile::fromRow(...), $rows);
    }

    /**
     * The targets that lack light most, by their known names.
     *
     * @param bool $byExposure as for poorestTiles
     * @return list<CoveredTile> with the name and the pixel of one of its stacks
     */
    public function poorestTargets(Viewer $viewer, bool $byExposure, int $limit): array
    {
        $this->places->complete();
        $visible = Visibility::condition($viewer);
        $rows = $this->database->all(
            'SELECT MIN(' . self::PIXEL . ') AS pixel, MIN(s.object_name) AS name, ' . self::sums($viewer) . ' FROM ' . Visibility::FROM
            . " WHERE {$visible->sql} AND s.object_key IS NOT NULL GROUP BY s.object_key ORDER BY " . self::order($byExposure) . ', s.object_key',
            $visible->values,
        );
        $isKnown = static fn (array $row): bool => CardTable::get()->publicText('OBJECT', $row['name']) !== null;

        return array_map(CoveredTile::fromRow(...), array_slice(array_values(array_filter($rows, $isKnown)), 0, $limit));
    }

    /** Stacks that count, and the light of all of them together, each sub once. */
    private static function sums(Viewer $viewer): string
    {
        $counts = CountedLight::condition($viewer)->sql;

        return "SUM(CASE WHEN $counts THEN 1 ELSE 0 END) AS stacks, SUM(COALESCE(s.total_exptime, 0) * " . CountedLight::share($viewer) . ') AS exposure,
            MIN(s.date_obs_start) AS first_obs, MAX(COALESCE(s.date_obs_end, s.date_obs_start)) AS last_obs';
    }

    private static function order(bool $byExposure): string
    {
        return $byExposure ? 'exposure, last_obs' : 'last_obs, exposure';
    }
}
