<?php

declare(strict_types=1);

namespace CrowdSky\Sky;

use CrowdSky\Database\Condition;
use CrowdSky\Database\Database;
use CrowdSky\Fits\CardTable;
use CrowdSky\Measurements\ObjectName;

/** Finds stacks by the name of an object: what their owner called it, and what was found in the picture, by any name. */
final class ObjectNames
{
    /** Names that one object can have here. */
    private const MAX_NAMES = 20;

    public function __construct(private readonly Database $database)
    {
    }

    /** @return Condition a SELECT of stack ids with its values */
    public function stacksWith(string $object, Viewer $viewer): Condition
    {
        $keys = $this->namesOf($object);
        $marks = implode(', ', array_fill(0, count($keys), '?'));
        // What an owner called it may be read by others only if it is a known name.
        $isKnown = CardTable::get()->publicText('OBJECT', $object) !== null;
        $mine = $isKnown ? '' : ' AND user_id = ?';

        return new Condition(
            "SELECT id FROM stacked_frames WHERE object_key IN ($marks)$mine
              UNION SELECT stack_id FROM stack_objects WHERE name_key IN ($marks)
              UNION SELECT stack_id FROM stack_objects WHERE messier_key IN ($marks)",
            [...$keys, ...($isKnown ? [] : [$viewer->userId ?? 0]), ...$keys, ...$keys],
        );
    }

    /** @return non-empty-list<string> keys of an object: the given name and those that the archive knows it by */
    private function namesOf(string $object): array
    {
        $key = ObjectName::key($object) ?? '';
        $rows = $this->database->all(
            'SELECT DISTINCT name_key, messier_key FROM stack_objects WHERE name_key = ?
              UNION SELECT DISTINCT name_key, messier_key FROM stack_objects WHERE messier_key = ? LIMIT ' . self::MAX_NAMES,
            [$key, $key],
        );
        $known = array_filter([...array_column($rows, 'name_key'), ...array_column($rows, 'messier_key')]);

        return array_values(array_unique([$key, ...$known]));
    }
}
