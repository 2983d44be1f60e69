<?php

declare(strict_types=1);

namespace CrowdSky\LightCurves;

use CrowdSky\Base\Refusal;
use CrowdSky\Database\Condition;
use CrowdSky\Database\Database;
use CrowdSky\Sky\CountedLight;
use CrowdSky\Sky\Viewer;
use CrowdSky\Sky\Visibility;
use CrowdSky\Stars\ListedStar;
use CrowdSky\Stars\Observation;
use CrowdSky\Stars\StarSearch;

/** Finds the stacks in which a star can be shown to somebody. */
final class StarEpochs
{
    public function __construct(private readonly Database $database)
    {
    }

    /** @return StarEpoch|null that of the faintest limit; null when the viewer sees none */
    public function deepest(int $starId, Viewer $viewer): ?StarEpoch
    {
        $where = Condition::all(
            new Condition('o.star_id = ? AND e.series_seconds = 0 AND e.superseded_at IS NULL AND s.damaged_at IS NULL', [$starId]),
            Visibility::condition($viewer),
        );
        $row = $this->database->one(
            'SELECT e.* FROM ' . Observation::FROM . " WHERE {$where->sql} ORDER BY e.limiting_mag IS NULL, e.limiting_mag DESC, e.id DESC LIMIT 1",
            $where->values,
        );

        return $row === null ? null : StarEpoch::fromRow($row);
    }

    /** @return list<int> seconds of the parts of the series that have a star; 0 stands for whole stacks */
    public function lengths(int $starId, Viewer $viewer): array
    {
        $where = Condition::all(new Condition('o.star_id = ?', [$starId]), Visibility::condition($viewer));
        $rows = $this->database->all('SELECT DISTINCT e.series_seconds FROM ' . Observation::FROM . " WHERE {$where->sql} ORDER BY e.series_seconds", $where->values);

        return array_map(static fn (array $row): int => (int) $row['series_seconds'], $rows);
    }

    /**
     * @param int $seriesSeconds of the parts of series; 0 for whole stacks
     * @return list<Band> in which the star was measured, that of the most epochs first
     */
    public function bands(int $starId, int $seriesSeconds, Viewer $viewer): array
    {
        $where = Condition::all(new Condition('o.star_id = ? AND e.series_seconds = ?', [$starId, $seriesSeconds]), Visibility::condition($viewer));
        $counts = [];
        foreach ($this->database->all('SELECT e.bands, COUNT(*) AS n FROM ' . Observation::FROM . " WHERE {$where->sql} GROUP BY e.bands", $where->values) as $row) {
            foreach (str_split(rtrim($row['bands'])) as $letter) {
                $counts[$letter] = ($counts[$letter] ?? 0) + (int) $row['n'];
            }
        }
        // Of the colours of one camera green comes first: it has the least noise.
        uksort($counts, static fn (string $one, string $other): int => [$counts[$other], $other === 'G', $one] <=> [$counts[$one], $one === 'G', $other]);

        return array_map(Band::from(...), array_keys($counts));
    }

    /** @return StarEpoch|null of the earlier epochs that do not show a star that may be new, that of the faintest limit */
    public function deepestWithout(int $starId, Viewer $viewer): ?StarEpoch
    {
        $where = Condition::all(new Condition('w.star_id = ? AND s.damaged_at IS NULL', [$starId]), Visibility::condition($viewer), CountedLight::independent($viewer));
        $row = $this->database->one(
            'SELECT e.* FROM new_source_epochs w JOIN epochs e ON e.id = w.epoch_id JOIN ' . Visibility::FROM . " ON s.id = e.stack_id
              WHERE {$where->sql} ORDER BY e.limiting_mag DESC, e.id DESC LIMIT 1",
            $where->values,
        );

        return $row === null ? null : StarEpoch::fromRow($row);
    }

    /** @return list<StarEpoch> the first ones of a star's first two chunks; fewer when the viewer sees fewer chunks */
    public function firstOfTwoChunks(int $starId, Viewer $viewer): array
    {
        $where = Condition::all(
            new Condition('o.star_id = ? AND e.series_seconds = 0 AND e.superseded_at IS NULL AND s.damaged_at IS NULL', [$starId]),
            Visibility::condition($viewer),
            CountedLight::independent($viewer),
        );
        $first = [];
        foreach ($this->database->all('SELECT e.*, s.chunk_key FROM ' . Observation::FROM . " WHERE {$where->sql} ORDER BY e.mjd_utc, e.id", $where->values) as $row) {
            $first[$row['chunk_key']] ??= StarEpoch::fromRow($row);
        }

        return array_slice(array_values($first), 0, 2);
    }

    /** @throws Refusal when there is no such star, or none that the viewer sees: the answer is the same */
    public function star(int $id, Viewer $viewer): ListedStar
    {
        return (new StarSearch($this->database))->find($id, $viewer)?->star
            ?? throw Refusal::notFound("There is no star $id, or none in a stack that you can see");
    }

    /**
     * @param int $id of an epoch, whether or not a star was measured in it
     * @throws Refusal when there is no such epoch, or none that the viewer sees: the answer is the same
     */
    public function get(int $id, Viewer $viewer): StarEpoch
    {
        return $this->find($id, $viewer) ?? throw Refusal::notFound("There is no epoch $id, or none that you can see");
    }

    /** @return StarEpoch|null null when there is no such epoch, or none that the viewer sees */
    public function find(int $id, Viewer $viewer): ?StarEpoch
    {
        $where = Condition::all(new Condition('e.id = ?', [$id]), Visibility::condition($viewer));
        $row = $this->database->one('SELECT e.* FROM epochs e JOIN ' . Visibility::FROM . " ON s.id = e.stack_id WHERE {$where->sql}", $where->values);

        return $row === null ? null : StarEpoch::fromRow($row);
    }

    /** @return list<int> the stars that are brightest in a stack, which the viewer is known to see */
    public function brightestOf(int $stackId, int $most): array
    {
        $rows = $this->database->all(
            'SELECT o.star_id FROM epochs e JOIN star_observations o ON o.epoch_id = e.id
              WHERE e.stack_id = ? AND e.series_seconds = 0 AND e.superseded_at IS NULL AND o.flux_g > 0 ORDER BY o.flux_g DESC, o.star_id LIMIT ' . $most,
            [$stackId],
        );

        return array_map(static fn (array $row): int => (int) $row['star_id'], $rows);
    }
}
