<?php

declare(strict_types=1);

namespace CrowdSky\Gallery;

use CrowdSky\Database\Condition;
use CrowdSky\Database\Database;
use CrowdSky\Changes\StackChanges;
use CrowdSky\Sky\CountedLight;
use CrowdSky\Sky\Places;
use CrowdSky\Sky\Viewer;
use CrowdSky\Sky\Visibility;

/** What the public stacks come to, for the front page, each sub once: kept until one of them changes. */
final class PublicFace
{
    private const ITS_EPOCH = 'e.stack_id = s.id AND e.series_seconds = 0 AND e.superseded_at IS NULL';

    public function __construct(
        private readonly Database $database,
        private readonly Places $places,
        private readonly PartCache $cache,
        private readonly Showcase $showcase,
    ) {
    }

    /** @param \Closure(array<int, float>): string $draw a drawing of the seconds of exposure by pixel (NSIDE 128, RING), kept as well */
    public function facts(\Closure $draw): PublicFacts
    {
        $this->places->complete();
        $joined = $this->cache->joined('face', $this->part(...), fn (array $parts): string => $this->joined($parts, $draw)->toStored());

        return PublicFacts::fromStored($joined);
    }

    /** The sums of the stacks of a part, by pixel and owner, and their places, as JSON. */
    private function part(int $first): string
    {
        $where = Condition::all(
            Visibility::condition(Viewer::public()),
            new Condition('s.id >= ? AND s.id < ?', [$first, $first + StackChanges::PART]),
        );
        [$counts, $share] = [CountedLight::condition(Viewer::public()), CountedLight::share(Viewer::public())];
        $rows = $this->database->all(
            "SELECT COALESCE(s.sky_pixel, s.key_pixel) AS pixel, s.user_id AS owner, SUM(CASE WHEN {$counts->sql} THEN 1 ELSE 0 END) AS stacks,
                SUM(s.n_frames_aligned * $share) AS subs, SUM(COALESCE(s.total_exptime, 0) * $share) AS exposure
               FROM " . Visibility::FROM . " WHERE {$where->sql} GROUP BY 1, 2",
            $where->values,
        );
        $sums = array_map(static fn (array $row): array => [
            $row['pixel'] === null ? null : (int) $row['pixel'],
            (int) $row['owner'],
            (int) $row['stacks'],
            (float) $row['subs'],
            (float) $row['exposure'],
        ], $rows);

        return json_encode(['sums' => $sums, 'fields' => (object) $this->fields($where), 'others' => $this->others($where)], JSON_THROW_ON_ERROR);
    }

    /** @return array<int, array{float, float}> centres of the fields of stacks, in degrees, by id */
    private function fields(Condition $where): array
    {
        $rows = $this->database->all(
            'SELECT DISTINCT f.id, f.ra_deg, f.dec_deg FROM ' . Visibility::FROM . ' JOIN epochs e ON ' . self::ITS_EPOCH
                . " JOIN sky_fields f ON f.id = e.field_id WHERE {$where->sql}",
            $where->values,
        );

        return array_map(static fn (array $row): array => [(float) $row['ra_deg'], (float) $row['dec_deg']], array_column($rows, null, 'id'));
    }

    /** @return list<array{?float, ?float, ?int}> where stacks without a field are: degrees, to one decimal, and their pixels */
    private function others(Condition $where): array
    {
        $rows = $this->database->all(
            'SELECT DISTINCT ROUND(s.ra_deg, 1) AS ra, ROUND(s.dec_deg, 1) AS de, COALESCE(s.sky_pixel, s.key_pixel) AS pixel FROM ' . Visibility::FROM
                . " WHERE {$where->sql} AND NOT EXISTS (SELECT 1 FROM epochs e WHERE " . self::ITS_EPOCH . ' AND e.field_id IS NOT NULL) ORDER BY 1, 2, 3',
            $where->values,
        );
        $number = static fn (mixed $value): ?float => $value === null ? null : (float) $value;

        return array_map(static fn (array $row): array => [$number($row['ra']), $number($row['de']), $row['pixel'] === null ? null : (int) $row['pixel']], $rows);
    }

    /**
     * @param array<int, string> $parts
     * @param \Closure(array<int, float>): string $draw
     */
    private function joined(array $parts, \Closure $draw): PublicFacts
    {
        [$stacks, $subs, $exposure, $owners, $byPixel, $fields, $others] = [0, 0.0, 0.0, [], [], [], []];
        foreach ($parts as $part) {
            $read = json_decode($part, true, 4, JSON_THROW_ON_ERROR);
            foreach ($read['sums'] as [$pixel, $owner, $ofStacks, $ofSubs, $seconds]) {
                $stacks += $ofStacks;
                $subs += $ofSubs;
                $exposure += $seconds;
                $owners[$owner] = true;
                if ($pixel !== null) {
                    $byPixel[$pixel] = ($byPixel[$pixel] ?? 0.0) + $seconds;
                }
            }
            $fields += $read['fields'];
            array_push($others, ...$read['others']);
        }
        $places = SkyPlaces::count($fields, $others);

        return new PublicFacts($stacks, (int) round($subs), $exposure, count($owners), $places, $draw($byPixel), $this->showcase->ids());
    }
}
