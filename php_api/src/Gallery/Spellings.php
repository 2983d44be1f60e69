<?php

declare(strict_types=1);

namespace CrowdSky\Gallery;

use CrowdSky\Database\Database;
use CrowdSky\Database\DistinctValues;

/**
 * The values of a column that somebody means who writes them with other capitals, or only a part of one.
 *
 * Each value is looked up behind the one before, by the column's index, so that what it takes is a matter of how many there
 * are and not of the number of stacks.
 */
final class Spellings
{
    /** Different values that are looked at; with more of them, a text means itself. */
    private const MOST = 900;
    /** Values that one text may mean. */
    private const MOST_MEANT = 50;
    /** Ends the name of one unit of a model. */
    private const UNIT = '/_[0-9a-f]{8}$/Di';

    public function __construct(private readonly Database $database)
    {
    }

    /** @return non-empty-list<string> telescopes, or models of which every unit is meant */
    public function telescopes(string $typed): array
    {
        $values = $this->values('telescope');
        $models = array_values(array_unique(array_map(static fn (string $value): string => (string) preg_replace(self::UNIT, '', $value), $values)));

        return self::meant($typed, $models) ?? self::meant($typed, $values) ?? self::containing($typed, $models) ?? self::containing($typed, $values) ?? [$typed];
    }

    /** @return non-empty-list<string> */
    public function filters(string $typed): array
    {
        $values = $this->values('filter_name');

        return self::meant($typed, $values) ?? self::containing($typed, $values) ?? [$typed];
    }

    /** @return list<string> all of them, or none where there are too many */
    private function values(string $column): array
    {
        $values = DistinctValues::of($this->database, 'stacked_frames', $column, self::MOST + 1);

        return count($values) > self::MOST ? [] : $values;
    }

    /**
     * @param list<string> $values
     * @return non-empty-list<string>|null null for none
     */
    private static function meant(string $typed, array $values): ?array
    {
        $plain = mb_strtolower($typed, 'UTF-8');
        $found = array_filter($values, static fn (string $value): bool => mb_strtolower($value, 'UTF-8') === $plain);

        return $found === [] ? null : array_values($found);
    }

    /**
     * @param list<string> $values
     * @return non-empty-list<string>|null null for none, and for too many to mean anything
     */
    private static function containing(string $typed, array $values): ?array
    {
        $plain = mb_strtolower($typed, 'UTF-8');
        $found = array_filter($values, static fn (string $value): bool => str_contains(mb_strtolower($value, 'UTF-8'), $plain));

        return $found === [] || count($found) > self::MOST_MEANT ? null : array_values($found);
    }
}
