<?php

declare(strict_types=1);

namespace CrowdSky\Gallery;

use CrowdSky\Database\Condition;
use CrowdSky\Database\Database;
use CrowdSky\Fits\CardTable;
use CrowdSky\Sky\Viewer;

/**
 * What there is to choose from in a gallery: telescopes, filters, years and months. Each value is looked up behind the one
 * before it, so that the cost grows with the values and not with the stacks.
 */
final class GalleryChoices
{
    private const MOST_TEXTS = 40;
    private const MOST_YEARS = 30;
    private const MONTHS = 12;

    public function __construct(private readonly Database $database)
    {
    }

    /** @return list<string> in their order; the first 40 */
    public function telescopes(GalleryScope $scope, Viewer $viewer): array
    {
        return $this->texts('s.telescope', 'TELESCOP', $scope, $viewer);
    }

    /** @return list<string> in their order; the first 40 */
    public function filters(GalleryScope $scope, Viewer $viewer): array
    {
        return $this->texts('s.filter_name', 'FILTER', $scope, $viewer);
    }

    /** @return list<string> years of which there are stacks, the latest first */
    public function years(GalleryScope $scope, Viewer $viewer): array
    {
        return $this->times($scope, $viewer, 4, null, self::MOST_YEARS);
    }

    /** @return list<string> months of a year (`2026-03`) of which there are stacks, the latest first */
    public function months(string $year, GalleryScope $scope, Viewer $viewer): array
    {
        return $this->times($scope, $viewer, 7, "$year-", self::MONTHS);
    }

    /** @return list<string> */
    private function texts(string $column, string $card, GalleryScope $scope, Viewer $viewer): array
    {
        $where = $scope->condition($viewer);
        $texts = [];
        $last = '';
        for ($found = 0; $found < self::MOST_TEXTS; $found++) {
            $last = $this->database->value(
                "SELECT $column FROM stacked_frames s WHERE {$where->sql} AND $column > ? ORDER BY $column LIMIT 1",
                [...$where->values, $last],
            );
            if ($last === null) {
                break;
            }
            $texts[] = $scope === GalleryScope::Mine ? $last : CardTable::get()->publicText($card, $last);
        }

        return array_values(array_filter($texts, static fn (?string $text): bool => $text !== null));
    }

    /**
     * @param int $length of the texts that are looked for: 4 for years, 7 for months
     * @param string|null $within begin of all of them
     * @return list<string>
     */
    private function times(GalleryScope $scope, Viewer $viewer, int $length, ?string $within, int $most): array
    {
        $before = $within === null ? new Condition('s.date_obs_start IS NOT NULL') : new Condition('s.date_obs_start >= ? AND s.date_obs_start < ?', [$within, "$within~"]);
        $times = [];
        while (count($times) < $most) {
            $where = Condition::all($scope->condition($viewer), $before);
            $latest = $this->database->value(
                "SELECT s.date_obs_start FROM stacked_frames s WHERE {$where->sql} ORDER BY s.date_obs_start DESC LIMIT 1",
                $where->values,
            );
            if ($latest === null) {
                break;
            }
            $times[] = substr($latest, 0, $length);
            $before = new Condition('s.date_obs_start >= ? AND s.date_obs_start < ?', [$within ?? '', end($times)]);
        }

        return $times;
    }
}
