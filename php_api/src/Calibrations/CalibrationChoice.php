<?php

declare(strict_types=1);

namespace CrowdSky\Calibrations;

use CrowdSky\Base\Refusal;
use CrowdSky\Database\Condition;
use CrowdSky\Database\Database;
use CrowdSky\Kernel\App;
use CrowdSky\Sky\Viewer;
use CrowdSky\Sky\Visibility;

/**
 * Which calibration gives the magnitudes that somebody sees of a field, and what is in it.
 *
 * Nothing here looks at whether a stack is visible: epochs come from a query that does.
 */
final class CalibrationChoice
{
    private const BATCH = 500;

    public function __construct(private readonly Database $database)
    {
    }

    public static function of(App $app): self
    {
        return new self($app->database());
    }

    /**
     * The newest calibrations of a field for a viewer: the first one that has an epoch gives its magnitudes.
     *
     * Owners of private stacks in the field have those of their own scope, all others the public one. Who sees all stacks
     * has the public one, and those of owners for epochs that are in no public one.
     *
     * @return list<Calibration> empty while the field is not calibrated
     */
    public function forViewer(int $fieldId, Viewer $viewer): array
    {
        if ($viewer->seesAll) {
            return $this->newest($fieldId, new Condition('1 = 1'));
        }
        if ($viewer->userId !== null && $this->hasPrivate($fieldId, $viewer->userId)) {
            $own = $this->newest($fieldId, new Condition('owner_id = ?', [$viewer->userId]));
            if ($own !== []) {
                return $own;
            }
        }
        return $this->newest($fieldId, new Condition('owner_id = 0'));
    }

    /**
     * Those of forViewer() whose numbers of stars may be shown: of the others, a stack was made private or deleted, and its light
     * is in them.
     *
     * @return list<Calibration>
     */
    public function shownTo(int $fieldId, Viewer $viewer): array
    {
        return array_values(array_filter($this->forViewer($fieldId, $viewer), static fn (Calibration $one): bool => !$one->isWithdrawn));
    }

    /**
     * A version that is asked for.
     *
     * @param string $name as Calibration::name() gives it
     * @throws Refusal for a text that is no name, and for a version that is not there
     */
    public function named(int $fieldId, Viewer $viewer, string $name): Calibration
    {
        [$isOwn, $version] = Calibration::parseName($name);
        $row = $isOwn && $viewer->userId === null ? null : $this->database->one(
            'SELECT * FROM calibrations WHERE field_id = ? AND owner_id = ? AND version = ?',
            [$fieldId, $isOwn ? $viewer->userId : 0, $version],
        );
        return $row === null ? throw Refusal::notFound("Field $fieldId has no calibration $name") : Calibration::fromRow($row);
    }

    /** @return list<Calibration> all versions of a field that the viewer may ask for by name, the newest first */
    public function versions(int $fieldId, Viewer $viewer): array
    {
        return array_map(Calibration::fromRow(...), $this->database->all(
            'SELECT * FROM calibrations WHERE field_id = ? AND owner_id IN (0, ?) ORDER BY created_at DESC, id DESC',
            [$fieldId, $viewer->userId ?? 0],
        ));
    }

    /**
     * The zero points of epochs, each from the first of the calibrations that has the epoch.
     *
     * @param list<Calibration> $calibrations
     * @param list<int> $epochIds
     * @param string|null $band null for all
     * @return array<int, array<string, ZeroPoint>> by epoch and band; epochs that are in no calibration are absent
     */
    public function zeroPoints(array $calibrations, array $epochIds, ?string $band = null): array
    {
        $ofBand = $band === null ? Condition::all() : new Condition('band = ?', [$band]);
        $found = [];
        foreach ($calibrations as $calibration) {
            $missing = $found === [] ? $epochIds : array_values(array_filter($epochIds, static fn (int $id): bool => !isset($found[$id])));
            foreach (array_chunk($missing, self::BATCH) as $batch) {
                // Of numbers of our own, a text without marks: binding hundreds of them takes longer than the search.
                $ids = implode(', ', $batch);
                $rows = $this->database->each(
                    'SELECT ' . ZeroPoint::COLUMNS . " FROM epoch_zero_points WHERE calibration_id = ? AND epoch_id IN ($ids) AND {$ofBand->sql}",
                    [$calibration->id, ...$ofBand->values],
                );
                foreach ($rows as $row) {
                    $found[(int) $row['epoch_id']][$row['band']] = ZeroPoint::fromRow($row);
                }
            }
        }
        return $found;
    }

    /**
     * @param list<int> $starIds
     * @return array<int, array<string, StarCalibration>> by star and band; stars that are not in the calibration are absent
     */
    public function stars(Calibration $calibration, array $starIds): array
    {
        $found = [];
        foreach (array_chunk($starIds, self::BATCH) as $batch) {
            $marks = implode(', ', array_fill(0, count($batch), '?'));
            $rows = $this->database->all(
                'SELECT ' . StarCalibration::COLUMNS . " FROM star_calibrations WHERE calibration_id = ? AND star_id IN ($marks)",
                [$calibration->id, ...$batch],
            );
            foreach ($rows as $row) {
                $found[(int) $row['star_id']][$row['band']] = StarCalibration::fromRow($row);
            }
        }
        return $found;
    }

    /** Whether a stack is in a calibration that the viewer may read; until then, nobody has looked at its stars. */
    public function hasStack(int $stackId, Viewer $viewer): bool
    {
        $scope = $viewer->seesAll ? Condition::all() : new Condition('c.owner_id IN (0, ?)', [$viewer->userId ?? 0]);
        return $this->database->value(
            "SELECT 1 FROM epochs e JOIN epoch_zero_points z ON z.epoch_id = e.id JOIN calibrations c ON c.id = z.calibration_id
              WHERE e.stack_id = ? AND e.series_seconds = 0 AND e.superseded_at IS NULL AND {$scope->sql} LIMIT 1",
            [$stackId, ...$scope->values],
        ) !== null;
    }

    /** @return list<Calibration> the newest of each scope, the public one first */
    private function newest(int $fieldId, Condition $scope): array
    {
        return array_map(Calibration::fromRow(...), $this->database->all(
            "SELECT * FROM calibrations WHERE field_id = ? AND {$scope->sql} AND version =
                (SELECT MAX(n.version) FROM calibrations n WHERE n.field_id = calibrations.field_id AND n.owner_id = calibrations.owner_id)
             ORDER BY owner_id",
            [$fieldId, ...$scope->values],
        ));
    }

    /** Without one, nothing renews the scope of a user any more, and the public calibration has all that they see. */
    private function hasPrivate(int $fieldId, int $userId): bool
    {
        $public = Visibility::condition(Viewer::public());
        return $this->database->value(
            'SELECT 1 FROM epochs e JOIN ' . Visibility::FROM . " ON s.id = e.stack_id
              WHERE e.field_id = ? AND e.superseded_at IS NULL AND s.user_id = ? AND NOT {$public->sql} LIMIT 1",
            [$fieldId, $userId, ...$public->values],
        ) !== null;
    }
}
