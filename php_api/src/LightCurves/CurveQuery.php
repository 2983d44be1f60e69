<?php

declare(strict_types=1);

namespace CrowdSky\LightCurves;

use CrowdSky\Base\Refusal;
use CrowdSky\Calibrations\Calibration;
use CrowdSky\Calibrations\CalibrationChoice;
use CrowdSky\Database\Condition;
use CrowdSky\Database\Database;
use CrowdSky\Kernel\App;
use CrowdSky\Sky\Viewer;
use CrowdSky\Sky\Visibility;
use CrowdSky\Stars\ListedStar;
use CrowdSky\Stars\Observation;

/**
 * Reads light curves. Every point comes of an epoch whose stack the viewer sees at that moment.
 *
 * The newest curve has the epochs that count now. A version has those of its calibration, also where a stack was
 * measured again since, and so stays what it was.
 */
final class CurveQuery
{
    // 0e0: see Observation.
    private const ZERO_POINT = 'z.calibration_id, z.band, z.zero_point, z.zero_point_error + 0e0 AS zero_point_error, z.colour_term + 0e0 AS colour_term,
        z.u_term + 0e0 AS u_term, z.v_term + 0e0 AS v_term, z.uu_term + 0e0 AS uu_term, z.uv_term + 0e0 AS uv_term,
        z.vv_term + 0e0 AS vv_term, z.floor_mag + 0e0 AS floor_mag, z.n_stars';

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
     * @throws Refusal when there is no such star, or none that the viewer sees: the answer is the same; and for a version
     *     that there is not
     */
    public function curve(CurveWish $wish, Viewer $viewer): LightCurve
    {
        $row = $this->database->one('SELECT * FROM stars WHERE id = ?', [$wish->starId]);
        $fields = $row === null ? null : $this->fields($wish->starId, $viewer);
        if ($row === null || $fields === null) {
            throw Refusal::notFound("There is no star {$wish->starId}, or none in a stack that you can see");
        }
        $star = ListedStar::fromRow($row);
        $calibrations = (new CurveCalibrations($this->choice))->of($wish, $viewer, $fields);
        $means = [];
        foreach ($calibrations as $calibration) {
            $means[$calibration->id] = $this->choice->stars($calibration, [$star->id])[$star->id] ?? [];
        }
        $reader = new PointReader($star, $calibrations, $means, $wish, $viewer);
        $points = fn (): \Generator => $reader->points($this->rows($wish, $viewer, $calibrations));

        return new LightCurve($star, $calibrations, array_merge(...array_map(array_values(...), array_values($means))), $points);
    }

    /** @return list<int>|null the fields of the stacks in which the viewer sees the star; null when there are no such stacks */
    private function fields(int $star, Viewer $viewer): ?array
    {
        $seen = Visibility::condition($viewer);
        $sql = 'SELECT DISTINCT e.field_id FROM ' . Observation::FROM . " WHERE o.star_id = ? AND {$seen->sql}";
        $found = array_column($this->database->all($sql, [$star, ...$seen->values]), 'field_id');
        $fields = array_map(intval(...), array_values(array_filter($found, static fn (mixed $id): bool => $id !== null)));
        sort($fields);

        return $found === [] ? null : $fields;
    }

    /**
     * @param list<Calibration> $calibrations
     * @return \Generator<array<string, mixed>>
     */
    private function rows(CurveWish $wish, Viewer $viewer, array $calibrations): \Generator
    {
        $ids = array_map(static fn (Calibration $one): int => $one->id, $calibrations) ?: [0];
        $marks = implode(', ', array_fill(0, count($ids), '?'));
        $where = Condition::all(
            new Condition('o.star_id = ? AND e.series_seconds = ?', [$wish->starId, $wish->seriesSeconds]),
            new Condition($wish->version === null ? 'e.superseded_at IS NULL' : 'z.calibration_id IS NOT NULL'),
            $wish->fieldId === null ? Condition::all() : new Condition('e.field_id = ?', [$wish->fieldId]),
            Visibility::condition($viewer),
        );
        $band = $wish->band === null ? Condition::all() : new Condition('z.band = ?', [$wish->band->value]);
        $sql = 'SELECT ' . Observation::COLUMNS . ', ' . self::ZERO_POINT . ' FROM ' . Observation::FROM . "
            LEFT JOIN epoch_zero_points z ON z.epoch_id = e.id AND z.calibration_id IN ($marks) AND {$band->sql}
            WHERE {$where->sql} ORDER BY e.mjd_utc, e.id";

        return $this->database->each($sql, [...$ids, ...$band->values, ...$where->values]);
    }
}
