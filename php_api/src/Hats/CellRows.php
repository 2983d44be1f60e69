<?php

declare(strict_types=1);

namespace CrowdSky\Hats;

use CrowdSky\Database\Condition;
use CrowdSky\Database\Database;
use CrowdSky\Sky\CountedLight;
use CrowdSky\Sky\Viewer;
use CrowdSky\Sky\Visibility;

/** The rows of a partition: epochs of public stacks, of those with the same light one, and the observations in them of the stars that lie in it. */
final class CellRows
{
    private const BATCH = 500;
    // 0e0: see Observation.
    private const OBSERVATION = 'star_id, epoch_id, x + 0e0 AS x, y + 0e0 AS y, flux_r + 0e0 AS flux_r, flux_g + 0e0 AS flux_g, flux_b + 0e0 AS flux_b,
        error_r + 0e0 AS error_r, error_g + 0e0 AS error_g, error_b + 0e0 AS error_b, flags';
    private const VARIABLE = 'star_id, band, kind, score, amplitude_mag + 0e0 AS amplitude_mag, period_d, period_error_d, period_fap, t0_bjd';

    public function __construct(private readonly Database $database)
    {
    }

    /** @return array<int, CellEpoch> by id */
    public function epochs(HatsCell $cell): array
    {
        $public = Condition::all(Visibility::condition(Viewer::public()), CountedLight::condition(Viewer::public()));
        $rows = $this->database->each(
            'SELECT e.id, e.field_id, e.bands, e.series_seconds FROM epochs e JOIN ' . Visibility::FROM . " ON s.id = e.stack_id
              WHERE e.id IN (SELECT h.epoch_id FROM hats_epochs h WHERE h.sky_pixel IN ({$this->pixels($cell)}))
                AND e.superseded_at IS NULL AND {$public->sql} ORDER BY e.id",
            $public->values,
        );
        $found = [];
        foreach ($rows as $row) {
            $found[(int) $row['id']] = new CellEpoch(
                count($found),
                (int) $row['field_id'],
                strlen(rtrim($row['bands'])),
                (int) $row['series_seconds'] > 0,
            );
        }
        return $found;
    }

    /**
     * @param list<int> $ids
     * @return \Generator<array<string, mixed>> rows of epochs, in the order of the ids
     */
    public function epochRows(array $ids): \Generator
    {
        return $this->rows('epochs', $ids);
    }

    /**
     * @param array<int, CellEpoch> $epochs by id
     * @return \Generator<array<string, mixed>> rows of star_observations, star after star
     */
    public function observations(HatsCell $cell, array $epochs): \Generator
    {
        $stars = $this->database->all("SELECT id FROM stars WHERE sky_pixel IN ({$this->pixels($cell)}) ORDER BY id");
        foreach (array_chunk(array_column($stars, 'id'), self::BATCH) as $batch) {
            $ids = implode(', ', array_map('intval', $batch));
            $rows = $this->database->each('SELECT ' . self::OBSERVATION . " FROM star_observations WHERE star_id IN ($ids) ORDER BY star_id, epoch_id");
            foreach ($rows as $row) {
                if (isset($epochs[(int) $row['epoch_id']])) {
                    yield $row;
                }
            }
        }
    }

    /**
     * @param list<int> $ids
     * @return \Generator<array<string, mixed>> rows of stars, in the order of the ids
     */
    public function stars(array $ids): \Generator
    {
        return $this->rows('stars', $ids);
    }

    /**
     * @param list<int> $ids
     * @return \Generator<array<string, mixed>> rows of variable_candidates of a calibration
     */
    public function variables(int $calibrationId, array $ids): \Generator
    {
        foreach (array_chunk($ids, self::BATCH) as $batch) {
            $list = implode(', ', $batch);
            yield from $this->database->all(
                'SELECT ' . self::VARIABLE . " FROM variable_candidates WHERE calibration_id = ? AND star_id IN ($list)",
                [$calibrationId],
            );
        }
    }

    /** @return array<string, int> how many rows each table of the partition must have */
    public function totals(HatsCell $cell): array
    {
        $epochs = $this->epochs($cell);
        [$stars, $totals] = [[], array_fill_keys(HatsTables::NAMES, 0)];
        foreach ($this->observations($cell, $epochs) as $row) {
            $epoch = $epochs[(int) $row['epoch_id']];
            $stars[(int) $row['star_id']] = true;
            $totals[$epoch->isOfSeries ? HatsTables::SERIES : HatsTables::LIGHT_CURVES] += $epoch->bands;
        }
        return [HatsTables::STARS => count($stars)] + $totals;
    }

    /**
     * @param list<int> $ids
     * @return \Generator<array<string, mixed>> in the order of the ids
     */
    private function rows(string $table, array $ids): \Generator
    {
        foreach (array_chunk($ids, self::BATCH) as $batch) {
            $rows = array_column($this->database->all("SELECT * FROM $table WHERE id IN (" . implode(', ', $batch) . ')'), null, 'id');
            foreach ($batch as $id) {
                yield $rows[$id];
            }
        }
    }

    private function pixels(HatsCell $cell): string
    {
        return implode(', ', $cell->skyPixels());
    }
}
