<?php

declare(strict_types=1);

namespace CrowdSky\Sky;

use CrowdSky\Database\Condition;
use CrowdSky\Database\Database;
use CrowdSky\Database\DistinctValues;
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
    /** Letters of a part of a name, at least. */
    public const LEAST_LETTERS = 3;
    /** Names that have a part, of each kind. */
    private const MAX_PARTS = 25;
    /** Different names that are looked at for it. */
    private const MOST_READ = 5000;

    public function __construct(private readonly Database $database)
    {
    }

    /** @return Condition a SELECT of stack ids with its values */
    public function stacksWith(string $object, Viewer $viewer): Condition
    {
        return $this->stacks([ObjectName::key($object) ?? '' => $object], $viewer);
    }

    /**
     * Like stacksWith(), for what people type: also German names, and parts of any name.
     *
     * @return Condition a SELECT of stack ids with its values
     */
    public function stacksLike(string $text, Viewer $viewer): Condition
    {
        $names = [ObjectName::key($text) ?? '' => $text];
        foreach ([...GermanNames::designations($text), ...$this->namesWith($text)] as $name) {
            $names[ObjectName::key($name) ?? ''] ??= $name;
        }

        return $this->stacks(array_slice($names, 0, self::MAX_NAMES, true), $viewer);
    }

    /** @param non-empty-array<array-key, string> $given key => name */
    private function stacks(array $given, Viewer $viewer): Condition
    {
        $keys = array_map(strval(...), array_keys($given));
        $objects = $this->objectsNamed($keys);
        $called = self::called($this->namesOf($objects) + $given, $viewer);
        $found = array_values(array_unique([...$keys, ...$objects]));
        $marks = self::marks($found);

        return new Condition(
            "{$called->sql}
              UNION SELECT stack_id FROM stack_objects WHERE name_key IN ($marks)
              UNION SELECT stack_id FROM stack_objects WHERE messier_key IN ($marks)",
            [...$called->values, ...$found, ...$found],
        );
    }

    /**
     * Looks for a text in all different names. The number of a catalogue is no part of a name: M 3 is not M 31.
     *
     * @return list<string> keys
     */
    private function namesWith(string $text): array
    {
        $part = ObjectName::key($text) ?? '';
        if (mb_strlen($part) < self::LEAST_LETTERS || preg_match('/\d/', $part) === 1) {
            return [];
        }
        $names = [];
        foreach (['stack_object_names' => 'name_key', 'stacked_frames' => 'object_key'] as $table => $column) {
            $known = DistinctValues::of($this->database, $table, $column, self::MOST_READ);
            $found = array_filter($known, static fn (string $name): bool => str_contains($name, $part));
            array_push($names, ...array_slice(array_values($found), 0, self::MAX_PARTS));
        }

        return array_values(array_unique($names));
    }

    /**
     * @param non-empty-list<string> $keys
     * @return list<string> keys of the names under which stack_objects has what is meant by these
     */
    private function objectsNamed(array $keys): array
    {
        $marks = self::marks($keys);
        $rows = $this->database->all(
            "SELECT DISTINCT name_key FROM stack_objects WHERE name_key IN ($marks)
              UNION SELECT DISTINCT name_key FROM stack_objects WHERE messier_key IN ($marks)
              UNION SELECT DISTINCT object_key FROM stack_object_names WHERE name_key IN ($marks) LIMIT " . self::MAX_OBJECTS * min(count($keys), 5),
            [...$keys, ...$keys, ...$keys],
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
