<?php

declare(strict_types=1);

namespace CrowdSky\Gallery;

use CrowdSky\Database\Condition;
use CrowdSky\Database\Database;
use CrowdSky\Changes\StackChanges;
use CrowdSky\Sky\Places;
use CrowdSky\Sky\Viewer;
use CrowdSky\Sky\Visibility;

/** What the public stacks come to, for the front page: kept until one of them changes. */
final class PublicFace
{
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

    /** The sums of the stacks of a part, by pixel and owner, as JSON. */
    private function part(int $first): string
    {
        $where = Condition::all(
            Visibility::condition(Viewer::public()),
            new Condition('s.id >= ? AND s.id < ?', [$first, $first + StackChanges::PART]),
        );
        $rows = $this->database->all(
            'SELECT COALESCE(s.sky_pixel, s.key_pixel) AS pixel, s.user_id AS owner, COUNT(*) AS stacks, SUM(s.n_frames_aligned) AS subs,
                SUM(COALESCE(s.total_exptime, 0)) AS exposure FROM ' . Visibility::FROM . " WHERE {$where->sql} GROUP BY 1, 2",
            $where->values,
        );

        return json_encode(array_map(static fn (array $row): array => [
            $row['pixel'] === null ? null : (int) $row['pixel'],
            (int) $row['owner'],
            (int) $row['stacks'],
            (int) $row['subs'],
            (float) $row['exposure'],
        ], $rows), JSON_THROW_ON_ERROR);
    }

    /**
     * @param array<int, string> $parts
     * @param \Closure(array<int, float>): string $draw
     */
    private function joined(array $parts, \Closure $draw): PublicFacts
    {
        [$stacks, $subs, $exposure, $owners, $byPixel] = [0, 0, 0.0, [], []];
        foreach ($parts as $part) {
            foreach (json_decode($part, true, 3, JSON_THROW_ON_ERROR) as [$pixel, $owner, $ofStacks, $ofSubs, $seconds]) {
                $stacks += $ofStacks;
                $subs += $ofSubs;
                $exposure += $seconds;
                $owners[$owner] = true;
                if ($pixel !== null) {
                    $byPixel[$pixel] = ($byPixel[$pixel] ?? 0.0) + $seconds;
                }
            }
        }

        return new PublicFacts($stacks, $subs, $exposure, count($owners), count($byPixel), $draw($byPixel), $this->showcase->ids());
    }
}
