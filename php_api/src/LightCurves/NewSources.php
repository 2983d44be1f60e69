<?php

declare(strict_types=1);

namespace CrowdSky\LightCurves;

use CrowdSky\Database\Condition;
use CrowdSky\Database\Database;
use CrowdSky\Kernel\App;
use CrowdSky\Sky\CountedLight;
use CrowdSky\Sky\Viewer;
use CrowdSky\Sky\Visibility;
use CrowdSky\Stars\ListedStar;

/**
 * Lists point sources that may be new: seen in stacks of two chunks, and in none of at least two earlier, deeper stacks of
 * the place. On both sides only stacks count that the viewer sees, and that share no sub with another one of them: the same
 * light twice is seen once.
 *
 * Stars\NewSourceRecords writes the suspects down when stacks arrive.
 */
final class NewSources
{
    private const LEAST_CHUNKS = 2;
    private const LEAST_WITHOUT = 2;

    public function __construct(private readonly Database $database)
    {
    }

    public static function of(App $app): self
    {
        return new self($app->database());
    }

    /** @return list<NewSource> the one that was seen last first */
    public function list(Viewer $viewer, int $limit): array
    {
        $visible = self::independent($viewer);
        // CROSS JOIN keeps SQLite from reading all epochs first.
        $rows = $this->database->all(
            "SELECT t.*, a.first_mjd, a.last_mjd, a.chunks, b.stacks
               FROM new_sources n JOIN stars t ON t.id = n.star_id
               JOIN (SELECT o.star_id, MIN(e.mjd_utc) AS first_mjd, MAX(e.mjd_utc) AS last_mjd, COUNT(DISTINCT s.chunk_key) AS chunks
                       FROM new_sources k CROSS JOIN star_observations o ON o.star_id = k.star_id CROSS JOIN epochs e ON e.id = o.epoch_id
                       JOIN " . Visibility::FROM . " ON s.id = e.stack_id
                      WHERE e.series_seconds = 0 AND e.superseded_at IS NULL AND e.mjd_utc IS NOT NULL AND {$visible->sql}
                      GROUP BY o.star_id) a ON a.star_id = n.star_id
               JOIN (SELECT w.star_id, COUNT(DISTINCT e.stack_id) AS stacks FROM new_source_epochs w JOIN epochs e ON e.id = w.epoch_id
                       JOIN " . Visibility::FROM . " ON s.id = e.stack_id WHERE {$visible->sql} GROUP BY w.star_id) b ON b.star_id = n.star_id
              WHERE t.gaia_id IS NULL AND a.chunks >= ? AND b.stacks >= ? ORDER BY a.last_mjd DESC, t.id LIMIT $limit",
            [...$visible->values, ...$visible->values, self::LEAST_CHUNKS, self::LEAST_WITHOUT],
        );
        return array_values(array_filter(array_map(fn (array $row): ?NewSource => $this->source($row, $viewer), $rows)));
    }

    /**
     * @param array<string, mixed> $row
     * @return NewSource|null null when its stacks have become private meanwhile
     */
    private function source(array $row, Viewer $viewer): ?NewSource
    {
        $visible = self::independent($viewer);
        $id = (int) $row['id'];
        // Not the magnitude by which it became a suspect: that stack may be private.
        $first = $this->database->one(
            'SELECT e.stack_id, e.zero_point_g, o.flux_g + 0e0 AS flux FROM star_observations o JOIN epochs e ON e.id = o.epoch_id JOIN ' . Visibility::FROM . " ON s.id = e.stack_id
              WHERE o.star_id = ? AND e.series_seconds = 0 AND e.superseded_at IS NULL AND e.mjd_utc IS NOT NULL AND {$visible->sql}
              ORDER BY e.mjd_utc, e.id LIMIT 1",
            [$id, ...$visible->values],
        );
        if ($first === null) {
            return null;
        }
        $without = $this->database->value(
            'SELECT e.stack_id FROM new_source_epochs w JOIN epochs e ON e.id = w.epoch_id JOIN ' . Visibility::FROM . " ON s.id = e.stack_id
              WHERE w.star_id = ? AND {$visible->sql} ORDER BY e.mjd_utc DESC, e.id DESC LIMIT 1",
            [$id, ...$visible->values],
        );
        [$flux, $zeroPoint] = [(float) $first['flux'], $first['zero_point_g']];
        return new NewSource(
            ListedStar::fromRow($row),
            $flux > 0.0 && $zeroPoint !== null ? (float) $zeroPoint - 2.5 * log10($flux) : null,
            (float) $row['first_mjd'],
            (float) $row['last_mjd'],
            (int) $row['chunks'],
            (int) $first['stack_id'],
            (int) $without,
            (int) $row['stacks'],
        );
    }

    private static function independent(Viewer $viewer): Condition
    {
        return Condition::all(Visibility::condition($viewer), CountedLight::independent($viewer));
    }
}
