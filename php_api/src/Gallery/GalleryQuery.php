<?php

declare(strict_types=1);

namespace CrowdSky\Gallery;

use CrowdSky\Changes\StackChanges;
use CrowdSky\Database\Condition;
use CrowdSky\Database\Database;
use CrowdSky\Sky\ObjectNames;
use CrowdSky\Sky\Viewer;

/**
 * Turns a wish into a query that reads about as many stacks as it shows, however many there are.
 *
 * What is rare is looked up first: by the index of each wanted fact, a few hundred ids at most. If one of the facts has no
 * more stacks than that, only those are looked at. If none is rare, stacks that have all of them are found soon by walking
 * through the index of the order.
 */
final class GalleryQuery
{
    private const FEW = 300;
    private const STACKS = 'stacked_frames s';
    private const JOINS = ' LEFT JOIN stack_solutions m ON m.stack_id = s.id';

    public function __construct(private readonly Database $database, private readonly ObjectNames $names, private readonly Spellings $spellings)
    {
    }

    /** Whether the stacks that match are among a few that an index names. */
    public function isNarrow(GalleryWish $wish, Viewer $viewer): bool
    {
        return $wish->object !== null || $wish->ids !== null || $this->rare($wish, $viewer) !== null;
    }

    /** @return array{string, Condition} FROM and WHERE, with the values of both */
    public function of(GalleryWish $wish, Viewer $viewer): array
    {
        $conditions = $this->conditions($wish, $viewer, $wish->order->column());
        if ($wish->ids !== null) {
            $conditions[] = self::among($wish->ids);
        }
        if ($wish->object !== null) {
            $found = $this->names->stacksLike($wish->object, $viewer);
            $isFound = new Condition('1 = 1', $found->values);

            return ["({$found->sql}) f JOIN stacked_frames s ON s.id = f.id" . self::JOINS, Condition::all($isFound, ...$conditions)];
        }
        $rare = $this->rare($wish, $viewer);
        if ($rare !== null) {
            $conditions[] = self::among($rare);
        }

        return [self::STACKS . self::JOINS, Condition::all(...$conditions)];
    }

    /** @return array{string, Condition} as of(), of the part of the archive that begins with an id; objects are not looked at */
    public function ofPart(GalleryWish $wish, Viewer $viewer, int $first): array
    {
        $inPart = new Condition('s.id >= ? AND s.id < ?', [$first, $first + StackChanges::PART]);

        return [self::STACKS . self::JOINS, Condition::all($inPart, ...$this->conditions($wish, $viewer, null))];
    }

    /**
     * @param string|null $order the column in whose order the stacks are read; null for that of their ids
     * @return list<Condition>
     */
    private function conditions(GalleryWish $wish, Viewer $viewer, ?string $order): array
    {
        return [
            $wish->scope->condition($viewer),
            ...array_map(static fn (Facet $facet): Condition => $facet->inOrderOf($order), $wish->facts->facets($viewer, $this->spellings)),
        ];
    }

    /** @return list<int>|null ids of all stacks that have one of the facts; null if none is rare */
    private function rare(GalleryWish $wish, Viewer $viewer): ?array
    {
        $facets = $wish->facts->facets($viewer, $this->spellings);
        $probes = array_filter(array_map(static fn (Facet $facet): ?Condition => $facet->probe(), $facets));
        if ($wish->scope === GalleryScope::Mine && $facets !== []) {
            array_unshift($probes, $wish->scope->condition($viewer));
        }
        foreach ($probes as $probe) {
            $limit = self::FEW + 1;
            $rows = $this->database->all('SELECT s.id FROM ' . self::STACKS . " WHERE {$probe->sql} LIMIT $limit", $probe->values);
            if (count($rows) <= self::FEW) {
                return array_map('intval', array_column($rows, 'id'));
            }
        }

        return null;
    }

    /** @param list<int> $ids */
    private static function among(array $ids): Condition
    {
        return new Condition('s.id IN (' . (implode(', ', $ids) ?: '0') . ')');
    }
}
