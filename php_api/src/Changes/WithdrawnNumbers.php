<?php

declare(strict_types=1);

namespace CrowdSky\Changes;

use CrowdSky\Database\Database;

/**
 * Notes of which calibrations a stack was withdrawn: made private, or deleted. Means, scatters and periods in them are of
 * light that their readers may not see any more, and are given to nobody until the field is calibrated anew.
 *
 * Calibrations of the owner's own scope keep theirs. Call it in the transaction of the change.
 */
final class WithdrawnNumbers
{
    /** Values of calibrations.withdrawn. */
    private const NOTHING = 0;
    private const HIDDEN = 1;
    private const DELETED = 2;
    private const BATCH = 500;

    public function __construct(private readonly Database $database)
    {
    }

    /**
     * Looks at the calibrations of stacks that others may see, or may not see any more.
     *
     * @param list<int> $stackIds
     */
    public function look(array $stackIds): void
    {
        foreach (array_chunk($stackIds, self::BATCH) as $batch) {
            $this->check($this->calibrations('e.stack_id IN (' . implode(', ', $batch) . ')'));
        }
    }

    /** The same for the newest calibration of a field and scope. */
    public function lookAt(int $fieldId, int $ownerId): void
    {
        $this->check($this->database->all(
            'SELECT id, owner_id, withdrawn FROM calibrations WHERE field_id = ? AND owner_id = ? AND withdrawn <> ? ORDER BY version DESC LIMIT 1',
            [$fieldId, $ownerId, self::DELETED],
        ));
    }

    /** Call it before a stack is deleted. */
    public function leaving(int $stackId): void
    {
        $owner = (int) $this->database->value('SELECT user_id FROM stacked_frames WHERE id = ?', [$stackId]);
        foreach ($this->calibrations('e.stack_id = ' . $stackId) as $row) {
            if ((int) $row['owner_id'] !== $owner) {
                $this->database->execute('UPDATE calibrations SET withdrawn = ? WHERE id = ?', [self::DELETED, $row['id']]);
            }
        }
    }

    /** @return list<array<string, mixed>> those of which nothing is deleted, with an epoch of stacks */
    private function calibrations(string $condition): array
    {
        return $this->database->all(
            "SELECT DISTINCT c.id, c.owner_id, c.withdrawn FROM epochs e JOIN epoch_zero_points z ON z.epoch_id = e.id
               JOIN calibrations c ON c.id = z.calibration_id WHERE $condition AND c.withdrawn <> " . self::DELETED,
        );
    }

    /** @param list<array<string, mixed>> $calibrations */
    private function check(array $calibrations): void
    {
        foreach ($calibrations as $row) {
            $hidden = $this->database->value(
                'SELECT 1 FROM epoch_zero_points z JOIN epochs e ON e.id = z.epoch_id JOIN stacked_frames s ON s.id = e.stack_id
                  WHERE z.calibration_id = ? AND s.user_id <> ? AND NOT ' . PublicStacks::CONDITION . ' LIMIT 1',
                [$row['id'], $row['owner_id']],
            );
            $state = $hidden === null ? self::NOTHING : self::HIDDEN;
            if ($state !== (int) $row['withdrawn']) {
                $this->database->execute('UPDATE calibrations SET withdrawn = ? WHERE id = ?', [$state, $row['id']]);
            }
        }
    }
}
