<?php

declare(strict_types=1);

namespace CrowdSky\Sky;

use CrowdSky\Database\Condition;
use CrowdSky\Database\Database;
use CrowdSky\Fits\SkyPosition;

/**
 * Reads the public stacks that meet conditions, the latest first, with their outlines.
 *
 * Their ids come first and all at once, by whatever index serves the conditions; an order and a limit in that query
 * would let the database walk through all stacks instead. Rows follow in batches: nobody knows how many the caller keeps.
 */
final class SolvedStacks
{
    private const BATCH = 500;
    private const FROM = Visibility::FROM . ' LEFT JOIN stack_solutions p ON p.stack_id = s.id AND p.solved = 1';

    public function __construct(private readonly Database $database, private readonly Places $places)
    {
    }

    /**
     * Stacks whose place is known.
     *
     * @param Condition ...$conditions on `s` (stacked_frames) and `p` (stack_solutions; null where it is not solved)
     * @return \Generator<int, SolvedStack>
     */
    public function stacks(Condition ...$conditions): \Generator
    {
        $this->places->complete();
        $all = Condition::all(
            Visibility::condition(Viewer::public()),
            new Condition('s.ra_deg IS NOT NULL AND s.dec_deg IS NOT NULL'),
            ...$conditions,
        );
        $ids = array_map('intval', array_column($this->database->all('SELECT s.id FROM ' . self::FROM . " WHERE {$all->sql}", $all->values), 'id'));
        rsort($ids);
        foreach (array_chunk($ids, self::BATCH) as $batch) {
            yield from $this->byId($batch);
        }
    }

    /**
     * @param list<int> $ids
     * @return \Generator<int, SolvedStack> those that are public now: their owners may have decided otherwise meanwhile
     */
    public function byId(array $ids): \Generator
    {
        $public = Visibility::condition(Viewer::public());
        $rows = $ids === [] ? [] : $this->database->all(
            'SELECT s.*, p.wcs, p.scale_arcsec, p.photometry FROM ' . self::FROM . ' WHERE s.id IN (' . implode(', ', $ids)
            . ") AND {$public->sql} ORDER BY s.id DESC",
            $public->values,
        );
        foreach ($rows as $row) {
            yield SolvedStack::fromRow($row);
        }
    }

    /** @return array<int, string> id => SHA-256 of the file, of the public stacks that are solved */
    public function hashes(): array
    {
        $public = Visibility::condition(Viewer::public());
        $rows = $this->database->all('SELECT s.id, s.sha256 FROM ' . self::FROM . " WHERE {$public->sql} AND p.wcs IS NOT NULL", $public->values);
        return array_column($rows, 'sha256', 'id');
    }

    /** Stacks of which a part may lie between two declinations. */
    public static function nearDeclinations(float $south, float $north): Condition
    {
        // Half of both sides together is more than half of the diagonal.
        $reach = '(COALESCE(p.field_width_deg, 0) + COALESCE(p.field_height_deg, 0)) / 2.0';
        return new Condition("s.dec_deg >= ? - $reach AND s.dec_deg <= ? + $reach", [$south, $north]);
    }

    /** Stacks of which a part may lie in a circle; served by the index of places. */
    public function nearCircle(SkyPosition $centre, float $radius): Condition
    {
        $widest = $this->database->one('SELECT MAX(field_width_deg) AS width FROM stack_solutions');
        $highest = $this->database->one('SELECT MAX(field_height_deg) AS height FROM stack_solutions');
        $reach = ((float) ($widest['width'] ?? 0.0) + (float) ($highest['height'] ?? 0.0)) / 2.0;
        return Cone::of($centre->ra, $centre->dec, min(180.0, $radius + $reach))->condition();
    }
}
