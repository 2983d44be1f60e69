<?php

declare(strict_types=1);

namespace CrowdSky\LightCurves;

use CrowdSky\Calibrations\Calibration;
use CrowdSky\Calibrations\CalibrationChoice;
use CrowdSky\Database\Condition;
use CrowdSky\Database\Database;
use CrowdSky\Kernel\App;
use CrowdSky\Sky\Viewer;
use CrowdSky\Sky\Visibility;

/**
 * Finds the stars that the archive has found to vary, for somebody who may read the calibration that says so and sees a
 * stack with the star. Calibrations of which a stack was withdrawn say nothing: their readers may not see all that is in them.
 */
final class FoundVariables
{
    private readonly CalibrationChoice $choice;

    public function __construct(private readonly Database $database)
    {
        $this->choice = new CalibrationChoice($database);
    }

    public static function of(App $app): self
    {
        return new self($app->database());
    }

    /**
     * What was found in one star.
     *
     * @param list<Calibration> $calibrations that the viewer may read, in the order of preference
     * @return FoundVariable|null of the first of them that finds it to vary, else of the first that says something; null when none does
     */
    public function ofStar(int $starId, array $calibrations): ?FoundVariable
    {
        $searched = null;
        foreach (array_filter($calibrations, static fn (Calibration $one): bool => !$one->isWithdrawn) as $calibration) {
            $row = $this->database->one(
                'SELECT ' . FoundVariable::COLUMNS . ' FROM variable_candidates v JOIN stars t ON t.id = v.star_id WHERE v.calibration_id = ? AND v.star_id = ?',
                [$calibration->id, $starId],
            );
            $found = $row === null ? null : FoundVariable::fromRow($row, $calibration);
            if ($found !== null && $found->kind !== FoundVariable::CONSTANT) {
                return $found;
            }
            $searched ??= $found;
        }

        return $searched;
    }

    /**
     * @param int|null $stackId only stars of this stack
     * @return int of stars that ranked() lists
     */
    public function count(Viewer $viewer, ?int $stackId = null): int
    {
        $where = $this->condition($viewer, $stackId);

        return (int) $this->database->value("SELECT COUNT(*) {$this->from()} WHERE {$where->sql}", $where->values);
    }

    /**
     * @param int|null $stackId only stars of this stack
     * @return list<FoundVariable> the one with the highest score first
     */
    public function ranked(Viewer $viewer, int $limit, int $offset = 0, ?int $stackId = null): array
    {
        $where = $this->condition($viewer, $stackId);
        $rows = $this->database->all(
            'SELECT ' . FoundVariable::COLUMNS . " {$this->from()} WHERE {$where->sql} ORDER BY v.score DESC, v.star_id LIMIT $limit OFFSET $offset",
            $where->values,
        );
        $calibrations = [];
        foreach ($rows as $row) {
            $id = (int) $row['calibration_id'];
            $calibrations[$id] ??= Calibration::fromRow($this->database->one('SELECT * FROM calibrations WHERE id = ?', [$id]) ?? []);
        }

        return array_map(static fn (array $row): FoundVariable => FoundVariable::fromRow($row, $calibrations[(int) $row['calibration_id']]), $rows);
    }

    private function from(): string
    {
        return 'FROM variable_candidates v JOIN calibrations c ON c.id = v.calibration_id JOIN stars t ON t.id = v.star_id';
    }

    /** Only of the newest calibrations, and of stars that the viewer sees. */
    private function condition(Viewer $viewer, ?int $stackId): Condition
    {
        $seen = Visibility::condition($viewer);

        return Condition::all(
            new Condition('v.score > 0 AND c.withdrawn = 0'),
            new Condition('c.version = (SELECT MAX(n.version) FROM calibrations n WHERE n.field_id = c.field_id AND n.owner_id = c.owner_id)'),
            $this->scope($viewer),
            // For EXISTS, MariaDB reads all epochs first.
            new Condition('1 = (SELECT 1 FROM star_observations o JOIN epochs e ON e.id = o.epoch_id JOIN ' . Visibility::FROM . " ON s.id = e.stack_id
                WHERE o.star_id = v.star_id AND e.series_seconds = 0 AND e.superseded_at IS NULL AND {$seen->sql} LIMIT 1)", $seen->values),
            // From the stack to its stars: a star may be in thousands of stacks.
            $stackId === null ? Condition::all() : new Condition(
                'v.star_id IN (SELECT o.star_id FROM epochs e JOIN star_observations o ON o.epoch_id = e.id
                  WHERE e.stack_id = ? AND e.series_seconds = 0 AND e.superseded_at IS NULL)',
                [$stackId],
            ),
        );
    }

    /**
     * None lists a star twice. Where owners of private stacks have a calibration of their own, it comes first, and what it does
     * not find is taken from the public one: it may have more noise, and nobody shall see less for it.
     */
    private function scope(Viewer $viewer): Condition
    {
        if ($viewer->seesAll) {
            return new Condition('(c.owner_id = 0 OR NOT EXISTS (SELECT 1 FROM star_calibrations p JOIN calibrations q ON q.id = p.calibration_id
                WHERE p.star_id = v.star_id AND q.owner_id = 0))');
        }
        $own = $this->ownCalibrations($viewer);
        if ($own === []) {
            return new Condition('c.owner_id = 0');
        }
        $marks = implode(', ', array_fill(0, count($own), '?'));

        return new Condition("(c.id IN ($marks) OR (c.owner_id = 0 AND NOT EXISTS (SELECT 1 FROM variable_candidates p
            WHERE p.star_id = v.star_id AND p.score > 0 AND p.calibration_id IN ($marks))))", [...$own, ...$own]);
    }

    /** @return list<int> the newest of the fields whose magnitudes the viewer gets from a calibration of their own */
    private function ownCalibrations(Viewer $viewer): array
    {
        if ($viewer->userId === null) {
            return [];
        }
        $rows = $this->database->all('SELECT DISTINCT field_id FROM calibrations WHERE owner_id = ?', [$viewer->userId]);
        $newest = array_merge(...array_map(fn (array $row): array => $this->choice->forViewer((int) $row['field_id'], $viewer), $rows));

        return array_values(array_map(
            static fn (Calibration $one): int => $one->id,
            array_filter($newest, static fn (Calibration $one): bool => $one->ownerId === $viewer->userId && !$one->isWithdrawn),
        ));
    }
}
