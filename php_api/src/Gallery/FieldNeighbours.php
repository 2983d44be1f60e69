<?php

declare(strict_types=1);

namespace CrowdSky\Gallery;

use CrowdSky\Database\Condition;
use CrowdSky\Database\Database;
use CrowdSky\Measurements\PlateSolution;
use CrowdSky\Sky\Cone;
use CrowdSky\Sky\Places;
use CrowdSky\Sky\Viewer;
use CrowdSky\Sky\Visibility;

/** The solved stacks whose middle is in the field of another one. */
final class FieldNeighbours
{
    private const MOST = 60;

    public function __construct(private readonly Database $database, private readonly Places $places)
    {
    }

    /** @return list<GalleryStack> the latest first; 60 at most */
    public function of(int $stackId, PlateSolution $solution, Viewer $viewer): array
    {
        $this->places->complete();
        $radius = min($solution->fieldWidth, $solution->fieldHeight) / 2.0;
        $where = Condition::all(
            Cone::of($solution->ra, $solution->dec, min(180.0, $radius))->condition(),
            Visibility::condition($viewer),
            new Condition('m.solved = 1 AND s.id <> ?', [$stackId]),
        );
        $rows = $this->database->all(
            'SELECT ' . GalleryStack::COLUMNS . ' FROM stacked_frames s JOIN stack_solutions m ON m.stack_id = s.id'
            . " WHERE {$where->sql} ORDER BY s.date_obs_start DESC, s.id DESC LIMIT " . self::MOST,
            $where->values,
        );

        return array_map(static fn (array $row): GalleryStack => GalleryStack::fromRow($row, $viewer, GalleryOrder::Newest), $rows);
    }
}
