<?php

declare(strict_types=1);

namespace CrowdSky\Sky;

use CrowdSky\Database\Condition;
use CrowdSky\Database\Database;
use CrowdSky\Fits\CardTable;
use CrowdSky\Measurements\ObjectName;

/**
 * Finds stacks by the name of an object: what their owner called it, and what was found in the picture, by any name.
 *
 * Which names belong to one object is known from all stacks together: a stack whose own worker reported only one of
 * them is found by the others too.
 */
final class ObjectNames
{
    /** Objects that one name can mean, such as both galaxies of a pair. */
    private const MAX_OBJECTS = 20;
    /** Further names that these objects can have. */
    private const MAX_NAMES = 60;

    public function __construct(private readonly Database $database)
    {
    }

    /** @return Condition a SELECT of stack ids with its values */
    public function stacksWith(string $object, Viewer $viewer): Condition
    {
        $given = ObjectName::key($object) ?? '';
        $objects = $this->objectsNamed($given);
        $called = self::called($this->namesOf($objects) + [$given => $object], $viewer);
        $found = array_values(array_unique([$given, ...$objects]));
        $marks = self::marks($found);

        return new Condition(
            "{$called->sql}
              UNION SELECT stack_id FROM stack_objects WHERE name_key IN ($marks)
              UNION SELECT stack_id FROM stack_objects WHERE messier_key IN ($marks)",
            [...$called->values, ...$found, ...$found],
        );
    }

    /** @return list<string> keys of the names under which stack_objects has what is meant by a key */
    private function objectsNamed(string $key): array
    {
        $rows = $this->database->all(
            'SELECT DISTINCT name_key FROM stack_objects WHERE name_key = ?
              UNION SELECT DISTINCT name_key FROM stack_objects WHERE messier_key = ?
              UNION SELECT DISTINCT object_key FROM stack_object_names WHERE name_key = ? LIMIT ' . self::MAX_OBJECTS,
            [$key, $key, $key],
        );

        return array_values(array_filter(array_column($rows, 'name_key')));
    }

    /**
     * @param list<string> $objects keys
     * @return array<string, string> key => name, of all names that the archive has for these objects
     */
    private function namesOf(array $objects): array
    {
        if ($objects === []) {
            return [];
        }
        $marks = self::marks($objects);
        $rows = $this->database->all(
            "SELECT DISTINCT messier_key AS name_key, messier AS name FROM stack_objects WHERE name_key IN ($marks) AND messier_key IS NOT NULL
              UNION SELECT DISTINCT name_key, name FROM stack_object_names WHERE object_key IN ($marks) LIMIT " . self::MAX_NAMES,
            [...$objects, ...$objects],
        );

        return array_combine($objects, $objects) + array_column($rows, 'name', 'name_key');
    }

    /**
     * What owners called so. Others may find it only by a known name: the rest is for the owner alone.
     *
     * @param non-empty-array<string, string> $names key => name
     */
    private static function called(array $names, Viewer $viewer): Condition
    {
        $known = array_filter($names, static fn (string $name): bool => CardTable::get()->publicText('OBJECT', $name) !== null);
        $queries = [];
        foreach ([[$known, []], [array_diff_key($names, $known), [$viewer->userId ?? 0]]] as [$some, $owner]) {
            $keys = array_map(strval(...), array_keys($some));
            $mine = $owner === [] ? '' : ' AND user_id = ?';
            if ($keys !== []) {
                $queries[] = new Condition('SELECT id FROM stacked_frames WHERE object_key IN (' . self::marks($keys) . ")$mine", [...$keys, ...$owner]);
            }
        }

        return new Condition(
            implode(' UNION ', array_column($queries, 'sql')),
            array_merge(...array_column($queries, 'values')),
        );
    }

    /** @param non-empty-list<string> $values */
    private static function marks(array $values): string
    {
        return implode(', ', array_fill(0, count($values), '?'));
    }
}
