<?php

declare(strict_types=1);

namespace CrowdSky\Calibrations;

use CrowdSky\Database\Condition;
use CrowdSky\Database\Database;
use CrowdSky\Sky\CountedLight;
use CrowdSky\Sky\Viewer;
use CrowdSky\Sky\Visibility;

/** Which epochs a calibration is solved of. */
final class FieldEpochs
{
    /** Rises when calibrations are solved in another way; then everything is calibrated anew. */
    private const RULE = 1;
    private const BATCH = 500;

    private const USABLE = "e.superseded_at IS NULL AND e.reason IS NULL AND e.n_stars > 0 AND e.mjd_utc IS NOT NULL
        AND e.bjd_tdb IS NOT NULL AND e.width > 1 AND e.height > 1 AND e.n_subs > 0 AND e.bands IN ('RGB', 'L')";
    private const FROM = 'epochs e JOIN ' . Visibility::FROM . ' ON s.id = e.stack_id';

    public function __construct(private readonly Database $database)
    {
    }

    /**
     * @param int|null $fieldId null for all fields
     * @return list<CalibrationScope> those that have a usable epoch: of every field the public ones, and those of owners
     *     of private stacks in it
     */
    public function scopes(?int $fieldId): array
    {
        $public = Visibility::condition(Viewer::public());
        $usable = $this->usable($fieldId);
        $rows = $this->database->all(
            'SELECT DISTINCT e.field_id, CASE WHEN ' . $public->sql . ' THEN 0 ELSE s.user_id END AS owner_id FROM ' . self::FROM
                . " WHERE {$usable->sql} ORDER BY 1, 2",
            [...$public->values, ...$usable->values],
        );
        return array_map(static fn (array $row): CalibrationScope => new CalibrationScope((int) $row['field_id'], (int) $row['owner_id']), $rows);
    }

    /** @return array<int, string> hash of the file that each was read from, by id, ascending */
    public function of(CalibrationScope $scope): array
    {
        $where = Condition::all($this->usable($scope->fieldId), self::seen($scope));
        $rows = $this->database->all('SELECT e.id, e.source_sha256 FROM ' . self::FROM . " WHERE {$where->sql} ORDER BY e.id", $where->values);
        return array_column($rows, 'source_sha256', 'id');
    }

    /**
     * What a calibration depends on; it is solved anew when this changes.
     *
     * @param array<int, string> $epochs of the scope
     * @param list<int> $searched stars of the field for whose periods somebody has asked
     * @param array<int, int> $copies of the scope
     */
    public static function fingerprint(array $epochs, array $searched, array $copies = []): string
    {
        $parts = [self::RULE, $epochs, $searched, ...($copies === [] ? [] : [$copies])];
        return hash('sha256', json_encode($parts, JSON_THROW_ON_ERROR));
    }

    /**
     * Of epochs with the same light, one counts; the others get zero points only.
     *
     * @return array<int, int> by epoch the one of the same scope and field that has its light, ascending
     */
    public function copies(CalibrationScope $scope): array
    {
        $viewer = self::viewer($scope);
        $where = Condition::all($this->usable($scope->fieldId), Visibility::condition($viewer), new Condition('s.shares_light = 1 AND e.series_seconds = 0'));
        $rows = $this->database->all(
            'SELECT e.id, e.stack_id, ' . CountedLight::lightIn($viewer) . ' AS light_in FROM ' . self::FROM . " WHERE {$where->sql} ORDER BY e.id",
            $where->values,
        );
        $epochOf = array_map(intval(...), array_column($rows, 'id', 'stack_id'));
        $copies = [];
        foreach ($rows as $row) {
            $copies += isset($epochOf[(int) $row['light_in']]) ? [(int) $row['id'] => $epochOf[(int) $row['light_in']]] : [];
        }
        return $copies;
    }

    /**
     * @param int|null $fieldId null for all fields
     * @return array<int, list<int>> stars for whose periods somebody has asked, ascending, by field
     */
    public function searched(?int $fieldId): array
    {
        $usable = $this->usable($fieldId);
        $rows = $this->database->all(
            "SELECT DISTINCT e.field_id, p.star_id FROM period_requests p JOIN star_observations o ON o.star_id = p.star_id
               JOIN epochs e ON e.id = o.epoch_id WHERE {$usable->sql} ORDER BY p.star_id",
            $usable->values,
        );
        $stars = [];
        foreach ($rows as $row) {
            $stars[(int) $row['field_id']][] = (int) $row['star_id'];
        }
        return $stars;
    }

    /**
     * Whether two of the stacks see the same star, without which there is nothing to calibrate together; parts of series are
     * only fitted.
     *
     * @param list<int> $epochIds
     */
    public function shareStars(array $epochIds): bool
    {
        $epochIds = $this->ofStacks($epochIds);
        foreach ($epochIds as $id) {
            foreach (array_chunk($epochIds, self::BATCH) as $batch) {
                $marks = implode(', ', array_fill(0, count($batch), '?'));
                $shared = $this->database->value(
                    "SELECT a.star_id FROM star_observations a JOIN star_observations b ON b.star_id = a.star_id
                      WHERE a.epoch_id = ? AND b.epoch_id <> ? AND b.epoch_id IN ($marks) LIMIT 1",
                    [$id, $id, ...$batch],
                );
                if ($shared !== null) {
                    return true;
                }
            }
        }
        return false;
    }

    /** @param list<int> $epochIds */
    public function countObservations(array $epochIds): int
    {
        $count = 0;
        foreach (array_chunk($epochIds, self::BATCH) as $batch) {
            $marks = implode(', ', array_fill(0, count($batch), '?'));
            $count += (int) $this->database->value("SELECT SUM(n_stars) FROM epochs WHERE id IN ($marks)", $batch);
        }
        return $count;
    }

    /**
     * @param list<int> $epochIds
     * @return list<int> those of whole stacks
     */
    public function ofStacks(array $epochIds): array
    {
        $found = [];
        foreach (array_chunk($epochIds, self::BATCH) as $batch) {
            $marks = implode(', ', array_fill(0, count($batch), '?'));
            $rows = $this->database->all("SELECT id FROM epochs WHERE series_seconds = 0 AND id IN ($marks) ORDER BY id", $batch);
            array_push($found, ...array_map('intval', array_column($rows, 'id')));
        }
        return $found;
    }

    private function usable(?int $fieldId): Condition
    {
        return $fieldId === null
            ? new Condition(self::USABLE . ' AND e.field_id IS NOT NULL')
            : new Condition(self::USABLE . ' AND e.field_id = ?', [$fieldId]);
    }

    private static function seen(CalibrationScope $scope): Condition
    {
        return Visibility::condition(self::viewer($scope));
    }

    private static function viewer(CalibrationScope $scope): Viewer
    {
        return $scope->isPublic() ? Viewer::public() : Viewer::owner($scope->ownerId);
    }
}
