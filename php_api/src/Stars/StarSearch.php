<?php

declare(strict_types=1);

namespace CrowdSky\Stars;

use CrowdSky\Database\Database;
use CrowdSky\Sky\Cone;
use CrowdSky\Sky\CountedLight;
use CrowdSky\Sky\Viewer;
use CrowdSky\Sky\Visibility;

/**
 * Finds stars of the list by their place. For a viewer, only those exist that a stack shows which the viewer may see.
 */
final class StarSearch
{
    private const BATCH = 500;

    public function __construct(private readonly Database $database)
    {
    }

    /**
     * Stars in a cone, by rising id.
     *
     * @param int $after id of the last star of the page before; 0 for the first page
     * @return list<SeenStar>
     */
    public function inCone(Cone $cone, Viewer $viewer, int $limit, int $after = 0): array
    {
        $place = $cone->condition();
        // An order and a limit here would let the database walk through all stars by their ids.
        $rows = $this->database->all("SELECT s.id FROM stars s WHERE {$place->sql} AND s.id > ?", [...$place->values, $after]);
        $ids = array_map(intval(...), array_column($rows, 'id'));
        sort($ids);
        $found = [];
        foreach (array_chunk($ids, max(1, min($limit, self::BATCH))) as $batch) {
            array_push($found, ...array_values($this->byId($batch, $viewer)));
            if (count($found) >= $limit) {
                return array_slice($found, 0, $limit);
            }
        }
        return $found;
    }

    /**
     * The star nearest to a place.
     *
     * @param float $reach degrees
     * @return SeenStar|null null when the viewer sees none within reach
     */
    public function nearest(float $ra, float $dec, float $reach, Viewer $viewer): ?SeenStar
    {
        $cone = Cone::of($ra, $dec, $reach);
        $place = $cone->condition();
        $rows = $this->database->all("SELECT s.* FROM stars s WHERE {$place->sql} LIMIT " . self::BATCH, $place->values);
        $stars = $this->seen(array_map(ListedStar::fromRow(...), $rows), $viewer);
        usort($stars, static fn (SeenStar $one, SeenStar $other): int
            => $one->star->position->distanceTo($cone->centre) <=> $other->star->position->distanceTo($cone->centre));
        return $stars[0] ?? null;
    }

    /** @return SeenStar|null null when there is no such star, or no stack that the viewer sees shows it */
    public function find(int $starId, Viewer $viewer): ?SeenStar
    {
        $row = $this->database->one('SELECT * FROM stars WHERE id = ?', [$starId]);
        return $row === null ? null : $this->seen([ListedStar::fromRow($row)], $viewer)[0] ?? null;
    }

    /**
     * @param list<int> $ids
     * @return array<int, SeenStar> by id; those that the viewer does not see are missing
     */
    public function byId(array $ids, Viewer $viewer): array
    {
        $seen = [];
        foreach (array_chunk($ids, self::BATCH) as $some) {
            $marks = implode(', ', array_fill(0, count($some), '?'));
            $rows = $this->database->all("SELECT * FROM stars WHERE id IN ($marks) ORDER BY id", $some);
            foreach ($this->seen(array_map(ListedStar::fromRow(...), $rows), $viewer) as $star) {
                $seen[$star->star->id] = $star;
            }
        }
        return $seen;
    }

    /**
     * Which epochs a viewer sees is asked once for each epoch, not for each observation: neighbours share their epochs.
     *
     * @param list<ListedStar> $stars
     * @return list<SeenStar> those that the viewer sees, in the same order
     */
    private function seen(array $stars, Viewer $viewer): array
    {
        $epochs = [];
        foreach ($stars as $star) {
            // Of all stars at once, each of many thousand rows would bring the number of its star with it.
            $epochs[$star->id] = $this->database->column('SELECT epoch_id FROM star_observations WHERE star_id = ?', [$star->id]);
        }
        [$times, $copies] = $this->times(array_keys(array_flip(array_merge(...array_values($epochs)))), $viewer);
        $seen = [];
        foreach ($stars as $star) {
            $ofStar = array_intersect_key($times, array_flip($epochs[$star->id]));
            $ofStar = array_diff_key($ofStar, $copies === [] ? [] : array_filter($copies, static fn (int $epoch): bool => isset($ofStar[$epoch])));
            if ($ofStar !== []) {
                $known = array_filter($ofStar, static fn (?float $time): bool => $time !== null);
                $seen[] = new SeenStar($star, count($ofStar), $known === [] ? null : min($known), $known === [] ? null : max($known));
            }
        }
        return $seen;
    }

    /**
     * @param list<int> $epochIds
     * @return array{array<int, ?float>, array<int, int>} MJD by epoch, of those that the viewer sees, null where no time is known; and
     *     by epoch the one that has its light
     */
    private function times(array $epochIds, Viewer $viewer): array
    {
        $visible = Visibility::condition($viewer);
        $join = $this->database->engine->orderedJoin();
        [$times, $lightIn, $epochOf] = [[], [], []];
        foreach (array_chunk($epochIds, self::BATCH) as $some) {
            $rows = $this->database->all(
                'SELECT e.id, e.mjd_utc, e.stack_id, ' . CountedLight::lightIn($viewer) . " AS light_in FROM epochs e $join " . Visibility::FROM . ' ON s.id = e.stack_id WHERE e.id IN (' . implode(', ', $some)
                    . ") AND e.series_seconds = 0 AND e.superseded_at IS NULL AND {$visible->sql}",
                $visible->values,
            );
            foreach ($rows as $row) {
                $times[(int) $row['id']] = $row['mjd_utc'] === null ? null : (float) $row['mjd_utc'];
                $epochOf[(int) $row['stack_id']] = (int) $row['id'];
                $lightIn += $row['light_in'] === null ? [] : [(int) $row['id'] => (int) $row['light_in']];
            }
        }
        return [$times, array_map(static fn (int $stack): int => $epochOf[$stack] ?? 0, $lightIn)];
    }
}
