<?php

declare(strict_types=1);

namespace CrowdSky\Measurements;

use CrowdSky\Database\Database;

/**
 * Stores what was measured on each stack; a newer measurement replaces the older one.
 */
final class MeasurementStore
{
    public function __construct(private readonly Database $database)
    {
    }

    /**
     * Call it inside a transaction.
     *
     * @param int $jobId the job that measured
     * @param string $now stored form
     */
    public function save(int $stackId, int $jobId, Measurement $measurement, string $now): void
    {
        $this->forget($stackId);
        $this->database->insert('stack_solutions', [
            'stack_id' => $stackId,
            'job_id' => $jobId,
            'solved' => $measurement->solution !== null,
            'reason' => $measurement->solution === null ? $measurement->unsolvedReason : null,
            'photometry' => $measurement->photometry?->toStored(),
            'object_mismatch' => $measurement->mismatch,
            'notes' => json_encode($measurement->notes, JSON_THROW_ON_ERROR | JSON_UNESCAPED_UNICODE),
            'created_at' => $now,
        ] + ($measurement->solution?->toRow() ?? []));
        foreach ($measurement->objects as $place => $object) {
            $this->database->insert('stack_objects', [
                'stack_id' => $stackId,
                'place' => $place,
                'name_key' => ObjectName::key($object->name),
                'messier_key' => ObjectName::key($object->messier),
            ] + $object->toRow());
            $this->saveNames($stackId, $place, $object);
        }
    }

    private function saveNames(int $stackId, int $place, FieldObject $object): void
    {
        foreach ($object->otherNames as $number => $name) {
            $this->database->insert('stack_object_names', [
                'stack_id' => $stackId,
                'place' => $place,
                'object_key' => ObjectName::key($object->name),
                'number' => $number,
                'name' => $name,
                'name_key' => ObjectName::key($name),
            ]);
        }
    }

    /** Removes what was measured on a stack that is gone. Call it inside a transaction. */
    public function forget(int $stackId): void
    {
        $this->database->execute('DELETE FROM stack_solutions WHERE stack_id = ?', [$stackId]);
        $this->database->execute('DELETE FROM stack_objects WHERE stack_id = ?', [$stackId]);
        $this->database->execute('DELETE FROM stack_object_names WHERE stack_id = ?', [$stackId]);
    }

    /** @return Measurement|null null when nobody has measured the stack */
    public function find(int $stackId): ?Measurement
    {
        $row = $this->database->one('SELECT * FROM stack_solutions WHERE stack_id = ?', [$stackId]);
        if ($row === null) {
            return null;
        }
        return new Measurement(
            (bool) $row['solved'] ? PlateSolution::fromRow($row) : null,
            $row['reason'],
            $row['photometry'] === null ? null : Photometry::fromStored($row['photometry']),
            $this->objects($stackId),
            $row['object_mismatch'],
            $row['notes'] === null ? [] : json_decode($row['notes'], true, 2, JSON_THROW_ON_ERROR),
        );
    }

    /** @return list<FieldObject> nearest to the centre first */
    private function objects(int $stackId): array
    {
        $names = [];
        foreach ($this->database->all('SELECT place, name FROM stack_object_names WHERE stack_id = ? ORDER BY place, number', [$stackId]) as $row) {
            $names[(int) $row['place']][] = $row['name'];
        }
        $rows = $this->database->all('SELECT * FROM stack_objects WHERE stack_id = ? ORDER BY place', [$stackId]);

        return array_map(static fn (array $row): FieldObject => FieldObject::fromRow($row, $names[(int) $row['place']] ?? []), $rows);
    }
}
