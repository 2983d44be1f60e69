<?php

declare(strict_types=1);

namespace CrowdSky\LightCurves;

use CrowdSky\Base\Refusal;
use CrowdSky\Calibrations\CalibrationChoice;
use CrowdSky\Calibrations\StarCalibration;
use CrowdSky\Database\Condition;
use CrowdSky\Database\Database;
use CrowdSky\Fits\SkyPosition;
use CrowdSky\Kernel\App;
use CrowdSky\Sky\Cone;
use CrowdSky\Sky\Viewer;

/** Finds stars of the archive's list by place. For a viewer there are those in epochs that the viewer sees. */
final class StarListing
{
    /** Degrees; a star that is named by a position is so near to it. */
    private const REACH = 10.0 / 3600.0;

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
     * Stars of a cone in the order of their ids.
     *
     * @param int|null $after `next` of the page before; null for the first page
     */
    public function inCone(Cone $cone, Viewer $viewer, int $limit, ?int $after = null): StarPage
    {
        $stars = $this->stars($cone, $viewer, new Condition('c.id > ?', [$after ?? 0]), sprintf(' ORDER BY c.id LIMIT %d', $limit + 1));
        $found = $this->described(array_slice($stars, 0, $limit), $viewer);
        $last = end($found);

        return new StarPage($found, count($stars) > $limit && $last !== false ? $last->star->id : null);
    }

    /** @throws Refusal when there is no star so near, or none that the viewer sees */
    public function nearest(SkyPosition $place, Viewer $viewer): Star
    {
        $stars = $this->stars(Cone::of($place->ra, $place->dec, self::REACH), $viewer, Condition::all(), '');
        usort($stars, static fn (Star $a, Star $b): int => $place->distanceTo($a->position) <=> $place->distanceTo($b->position));

        return $stars[0] ?? throw Refusal::notFound('There is no star within 10 arcseconds of this position, or none in a stack that you can see');
    }

    /**
     * @param list<int> $ids
     * @return array<int, FoundStar> by id; those that the viewer does not see are missing
     */
    public function byId(array $ids, Viewer $viewer): array
    {
        if ($ids === []) {
            return [];
        }
        $sql = 'SELECT id, ra_deg, dec_deg, position_year, gaia_id FROM stars WHERE id IN (' . self::marks($ids) . ')';
        $found = [];
        foreach ($this->described(array_map(Star::fromRow(...), $this->database->all($sql, $ids)), $viewer) as $star) {
            $found[$star->star->id] = $star;
        }

        return $found;
    }

    /** @return list<Star> */
    private function stars(Cone $cone, Viewer $viewer, Condition $condition, string $order): array
    {
        $near = $cone->condition();
        $seen = SeenEpochs::condition($viewer);
        $sql = 'SELECT c.id, c.ra_deg, c.dec_deg, c.position_year, c.gaia_id
            FROM (SELECT s.id + 0 AS id, s.ra_deg, s.dec_deg, s.position_year, s.gaia_id FROM stars s WHERE ' . $near->sql . ") c
            WHERE {$condition->sql} AND EXISTS (SELECT 1 FROM " . SeenEpochs::FROM . " WHERE o.star_id = c.id AND {$seen->sql})$order";

        return array_map(Star::fromRow(...), $this->database->all($sql, [...$near->values, ...$condition->values, ...$seen->values]));
    }

    /**
     * @param list<Star> $stars
     * @return list<FoundStar> without those that the viewer does not see
     */
    private function described(array $stars, Viewer $viewer): array
    {
        $counts = $stars === [] ? [] : $this->counts(array_map(static fn (Star $star): int => $star->id, $stars), $viewer);
        $means = $this->means($counts, $viewer);
        $found = [];
        foreach ($stars as $star) {
            $fields = $counts[$star->id] ?? [];
            if ($fields !== []) {
                $times = static fn (string $column): array => array_filter(array_column($fields, $column), static fn (mixed $time): bool => $time !== null);
                [$first, $last] = [$times('first_mjd'), $times('last_mjd')];
                $found[] = new FoundStar(
                    $star,
                    array_sum(array_column($fields, 'epochs')),
                    $first === [] ? null : (float) min($first),
                    $last === [] ? null : (float) max($last),
                    $means[$star->id] ?? null,
                );
            }
        }

        return $found;
    }

    /**
     * @param non-empty-list<int> $ids
     * @return array<int, list<array<string, mixed>>> of each star, by field, that with the most epochs first
     */
    private function counts(array $ids, Viewer $viewer): array
    {
        $seen = SeenEpochs::condition($viewer);
        $sql = 'SELECT o.star_id, e.field_id, COUNT(*) AS epochs, MIN(e.mjd_utc) AS first_mjd, MAX(e.mjd_utc) AS last_mjd
            FROM ' . SeenEpochs::FROM . ' WHERE o.star_id IN (' . self::marks($ids) . ") AND {$seen->sql}
            GROUP BY o.star_id, e.field_id ORDER BY epochs DESC, e.field_id";
        $counts = [];
        foreach ($this->database->all($sql, [...$ids, ...$seen->values]) as $row) {
            $counts[(int) $row['star_id']][] = $row;
        }

        return $counts;
    }

    /**
     * @param array<int, list<array<string, mixed>>> $counts
     * @return array<int, StarCalibration> in green, by star, from the field with the most epochs
     */
    private function means(array $counts, Viewer $viewer): array
    {
        $byField = [];
        foreach ($counts as $id => $fields) {
            $byField[(int) $fields[0]['field_id']][] = $id;
        }
        $means = [];
        foreach ($byField as $field => $ids) {
            foreach ($this->choice->forViewer($field, $viewer) as $calibration) {
                foreach ($this->choice->stars($calibration, $ids) as $id => $bands) {
                    if (isset($bands[Band::Green->value])) {
                        $means[$id] ??= $bands[Band::Green->value];
                    }
                }
            }
        }

        return $means;
    }

    /** @param list<int> $ids */
    private static function marks(array $ids): string
    {
        return implode(', ', array_fill(0, count($ids), '?'));
    }
}
