<?php

declare(strict_types=1);

namespace CrowdSky\LightCurves;

use CrowdSky\Base\Refusal;
use CrowdSky\Calibrations\Calibration;
use CrowdSky\Calibrations\CalibrationChoice;
use CrowdSky\Calibrations\StarCalibration;
use CrowdSky\Database\Condition;
use CrowdSky\Database\Database;
use CrowdSky\Kernel\App;
use CrowdSky\Sky\CountedLight;
use CrowdSky\Sky\Viewer;
use CrowdSky\Sky\Visibility;
use CrowdSky\Stars\ListedStar;
use CrowdSky\Stars\Observation;

/**
 * Reads light curves. Every point comes of an epoch whose stack the viewer sees at that moment.
 *
 * The newest curve has the epochs that count now: of stacks with the same light, one. A version has those of its calibration,
 * also where a stack was measured again since, and so stays what it was.
 */
final class CurveQuery
{
    /** Epochs whose observations and zero points are held at once: a series may have very many. */
    private const BATCH = 2000;

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
     *     that there is not, a field in which it is not seen, and a series that it is not in
     */
    public function curve(CurveWish $wish, Viewer $viewer): LightCurve
    {
        $row = $this->database->one('SELECT * FROM stars WHERE id = ?', [$wish->starId]);
        $leftOut = new LeftOut();
        $fieldOf = $row === null ? [] : $this->epochs($wish, $viewer, $leftOut);
        $fields = $fieldOf === [] ? $this->fields($wish->starId, $viewer) : self::known($fieldOf);
        if ($row === null || $fields === null) {
            throw Refusal::notFound("There is no star {$wish->starId}, or none in a stack that you can see");
        }
        if ($fieldOf === []) {
            self::requireSense($wish, $fields);
        }
        $star = ListedStar::fromRow($row);
        $calibrations = (new CurveCalibrations($this->choice))->of($wish, $viewer, $fields);
        foreach ($wish->version === null ? [] : $calibrations as $calibration) {
            $fieldOf = array_diff_key($fieldOf, array_flip($calibration->copies));
        }
        $means = [];
        foreach ($calibrations as $calibration) {
            $means[$calibration->id] = array_map(
                static fn (StarCalibration $mean): StarCalibration => $calibration->isWithdrawn ? $mean->withoutFindings() : $mean,
                $this->choice->stars($calibration, [$star->id])[$star->id] ?? [],
            );
        }
        $read = fn (LeftOut $counted): \Generator => $this->points(
            array_keys($fieldOf),
            new PointReader($star, $calibrations, $means, $wish, $viewer, $counted),
            $calibrations,
            $wish,
            $viewer,
        );
        $withdrawn = array_filter($calibrations, static fn (Calibration $one): bool => $one->isWithdrawn);
        $shown = array_replace($means, $withdrawn === [] ? [] : VisibleMeans::of($star->id, $withdrawn, $read(new LeftOut())));

        return new LightCurve(
            $star,
            $calibrations,
            array_merge(...array_map(array_values(...), array_values($shown))),
            $read($leftOut),
            static fn (): string => $leftOut->reason($wish),
            $leftOut->copies(),
        );
    }

    /**
     * A number that was mistyped must not look like a star that was never observed.
     *
     * @param list<int> $fields in which the viewer sees the star
     */
    private static function requireSense(CurveWish $wish, array $fields): void
    {
        if ($wish->fieldId !== null && !in_array($wish->fieldId, $fields, true)) {
            throw Refusal::notFound("Star {$wish->starId} is not in field {$wish->fieldId}" . ($fields === [] ? '' : ', but in ' . implode(', ', $fields)));
        }
        if ($wish->seriesSeconds > 0) {
            throw Refusal::notFound("There is no series of {$wish->seriesSeconds} s with star {$wish->starId}, or none that you can see");
        }
    }

    /** @return array<int, int|null> field by epoch, of those that can have a point, the oldest first */
    private function epochs(CurveWish $wish, Viewer $viewer, LeftOut $leftOut): array
    {
        $isNewest = $wish->version === null;
        $where = Condition::all(
            new Condition('o.star_id = ? AND e.series_seconds = ?', [$wish->starId, $wish->seriesSeconds]),
            $isNewest ? new Condition('e.superseded_at IS NULL') : Condition::all(),
            $wish->fieldId === null ? Condition::all() : new Condition('e.field_id = ?', [$wish->fieldId]),
            Visibility::condition($viewer),
        );
        $sql = 'SELECT e.id, e.field_id, e.stack_id, ' . ($isNewest ? CountedLight::lightIn($viewer) : 'NULL') . ' AS light_in FROM ' . Observation::FROM
            . " WHERE {$where->sql} ORDER BY e.mjd_utc, e.id";
        [$fieldOf, $stackOf, $lightIn] = [[], [], []];
        foreach ($this->database->each($sql, $where->values) as $row) {
            [$epoch, $stack] = [(int) $row['id'], (int) $row['stack_id']];
            $fieldOf[$epoch] = $row['field_id'] === null ? null : (int) $row['field_id'];
            $stackOf[$epoch] = $stack;
            $lightIn += $row['light_in'] === null ? [] : [$stack => (int) $row['light_in']];
        }
        if ($lightIn !== []) {
            // Only where the stack that has its light shows the star, too.
            $copies = array_intersect($lightIn, $stackOf);
            $leftOut->addCopies($copies);
            $fieldOf = array_filter($fieldOf, static fn (int $epoch): bool => !isset($copies[$stackOf[$epoch]]), ARRAY_FILTER_USE_KEY);
        }

        return $fieldOf;
    }

    /** @return list<int>|null the fields of all stacks in which the viewer sees the star; null when there are no such stacks */
    private function fields(int $star, Viewer $viewer): ?array
    {
        $seen = Visibility::condition($viewer);
        $sql = 'SELECT DISTINCT e.field_id FROM ' . Observation::FROM . " WHERE o.star_id = ? AND {$seen->sql}";
        $found = array_column($this->database->all($sql, [$star, ...$seen->values]), 'field_id');

        return $found === [] ? null : self::known($found);
    }

    /**
     * @param array<int|string|null> $fields
     * @return list<int> those that are known, each once, ascending
     */
    private static function known(array $fields): array
    {
        $known = array_keys(array_flip(array_filter($fields, static fn (mixed $id): bool => $id !== null)));
        sort($known);

        return $known;
    }

    /**
     * @param list<int> $epochs
     * @param list<Calibration> $calibrations
     * @return \Generator<int, Point>
     */
    private function points(array $epochs, PointReader $reader, array $calibrations, CurveWish $wish, Viewer $viewer): \Generator
    {
        foreach (array_chunk($epochs, self::BATCH) as $batch) {
            $zeroPoints = $this->choice->zeroPoints($calibrations, $batch, $wish->band?->value);
            $isAll = count($batch) === count($epochs);
            yield from $reader->points($this->observations($wish, $batch, $viewer, $isAll), $zeroPoints);
        }
    }

    /**
     * @param list<int> $epochs
     * @param bool $isAll whether the curve has no others: then they need not be looked for one by one
     * @return list<Observation> in the same order
     */
    private function observations(CurveWish $wish, array $epochs, Viewer $viewer, bool $isAll): array
    {
        $where = Condition::all(
            new Condition('o.star_id = ? AND e.series_seconds = ?', [$wish->starId, $wish->seriesSeconds]),
            $isAll ? Condition::all() : new Condition('o.epoch_id IN (' . implode(', ', $epochs) . ')'),
            Visibility::condition($viewer),
        );
        $found = [];
        foreach ($this->database->each('SELECT ' . Observation::COLUMNS . ' FROM ' . Observation::FROM . " WHERE {$where->sql}", $where->values) as $row) {
            $found[(int) $row['epoch_id']] = Observation::fromRow($row);
        }

        // Without those of no point, and those that were hidden or deleted meanwhile.
        $places = array_intersect_key(array_flip($epochs), $found);

        return array_values(array_replace($places, array_intersect_key($found, $places)));
    }
}
