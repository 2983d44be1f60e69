<?php

declare(strict_types=1);

namespace CrowdSky\LightCurves;

use CrowdSky\Base\Refusal;
use CrowdSky\Calibrations\CalibrationChoice;
use CrowdSky\Calibrations\StarCalibration;
use CrowdSky\Database\Database;
use CrowdSky\Fits\SkyPosition;
use CrowdSky\Kernel\App;
use CrowdSky\Sky\Cone;
use CrowdSky\Sky\Viewer;
use CrowdSky\Stars\ListedStar;
use CrowdSky\Stars\SeenStar;
use CrowdSky\Stars\StarSearch;

/** Lists stars that a viewer sees, with their mean magnitudes. */
final class StarListing
{
    /** Degrees; a star that is named by a position is so near to it. */
    private const REACH = 10.0 / 3600.0;

    private readonly StarSearch $search;
    private readonly CalibrationChoice $choice;

    public function __construct(private readonly Database $database)
    {
        $this->search = new StarSearch($database);
        $this->choice = new CalibrationChoice($database);
    }

    public static function of(App $app): self
    {
        return new self($app->database());
    }

    /**
     * Stars of a cone in the order of their ids.
     *
     * @param int $after `next` of the page before; 0 for the first page
     */
    public function inCone(Cone $cone, Viewer $viewer, int $limit, int $after = 0): StarPage
    {
        $seen = $this->search->inCone($cone, $viewer, $limit + 1, $after);
        $found = $this->described(array_slice($seen, 0, $limit), $viewer);
        $last = end($found);

        return new StarPage($found, count($seen) > $limit && $last !== false ? $last->star->id : null);
    }

    /** @throws Refusal when there is no star so near, or none that the viewer sees */
    public function nearest(SkyPosition $place, Viewer $viewer): ListedStar
    {
        return $this->search->nearest($place->ra, $place->dec, self::REACH, $viewer)->star
            ?? throw Refusal::notFound('There is no star within 10 arcseconds of this position, or none in a stack that you can see');
    }

    /**
     * @param list<int> $ids
     * @return array<int, FoundStar> by id; those that the viewer does not see are missing
     */
    public function byId(array $ids, Viewer $viewer): array
    {
        $found = $this->described(array_values($this->search->byId($ids, $viewer)), $viewer);

        return array_combine(array_map(static fn (FoundStar $star): int => $star->star->id, $found), $found);
    }

    /**
     * @param list<SeenStar> $stars
     * @return list<FoundStar>
     */
    private function described(array $stars, Viewer $viewer): array
    {
        $means = $this->means(array_map(static fn (SeenStar $seen): int => $seen->star->id, $stars), $viewer);

        return array_map(static fn (SeenStar $seen): FoundStar => FoundStar::of($seen, $means[$seen->star->id] ?? null), $stars);
    }

    /**
     * @param list<int> $ids
     * @return array<int, StarCalibration> in green, by star; of a star in several fields, that of the most epochs
     */
    private function means(array $ids, Viewer $viewer): array
    {
        $means = [];
        foreach ($this->fields($ids) as $field) {
            foreach ($this->choice->shownTo($field, $viewer) as $calibration) {
                foreach ($this->choice->stars($calibration, $ids) as $id => $bands) {
                    $mean = $bands[Band::Green->value] ?? null;
                    if ($mean !== null && $mean->epochs > ($means[$id]->epochs ?? 0)) {
                        $means[$id] = $mean;
                    }
                }
            }
        }

        return $means;
    }

    /**
     * @param list<int> $ids
     * @return list<int> fields in whose calibrations the stars are
     */
    private function fields(array $ids): array
    {
        if ($ids === []) {
            return [];
        }
        $marks = implode(', ', array_fill(0, count($ids), '?'));
        $sql = "SELECT DISTINCT c.field_id FROM star_calibrations t JOIN calibrations c ON c.id = t.calibration_id WHERE t.star_id IN ($marks)
            ORDER BY c.field_id";

        return array_map(intval(...), array_column($this->database->all($sql, $ids), 'field_id'));
    }
}
