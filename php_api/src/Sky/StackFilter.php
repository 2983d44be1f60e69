<?php

declare(strict_types=1);

namespace CrowdSky\Sky;

use CrowdSky\Database\Condition;
use CrowdSky\Fits\CardTable;

/**
 * What stacks must be like besides where they are. A stack that lacks a wanted fact is not found.
 *
 * Texts of headers that strangers do not get are no way to find a stack of somebody else either.
 */
final class StackFilter
{
    public function __construct(
        /** observed first not before this time, UTC, ISO form with T and without zone */
        public readonly ?string $start = null,
        public readonly ?string $end = null,
        public readonly ?string $filterName = null,
        /** a telescope, or a model of which every unit is wanted */
        public readonly ?string $telescope = null,
        /** 1 for equatorial mounts, 0 for others */
        public readonly ?int $eqMode = null,
        /** seconds, all combined subs together */
        public readonly ?float $minExposure = null,
        public readonly ?float $maxExposure = null,
        /** mag/arcsec2 */
        public readonly ?float $minSkyMag = null,
        /** mag */
        public readonly ?float $minLimitingMag = null,
        public readonly ?bool $isSolved = null,
        /** whether only the viewer's own stacks are wanted */
        public readonly bool $isOwn = false,
    ) {
    }

    public function condition(Viewer $viewer): Condition
    {
        $bounds = [
            's.date_obs_start >= ?' => $this->start,
            's.date_obs_start <= ?' => $this->end,
            's.eq_mode = ?' => $this->eqMode,
            's.total_exptime >= ?' => $this->minExposure,
            's.total_exptime <= ?' => $this->maxExposure,
            's.sky_mag >= ?' => $this->minSkyMag,
            's.limiting_mag >= ?' => $this->minLimitingMag,
            'COALESCE(m.solved, 0) = ?' => $this->isSolved === null ? null : (int) $this->isSolved,
            's.user_id = ?' => $this->isOwn ? $viewer->userId ?? 0 : null,
        ];
        $conditions = [];
        foreach (array_filter($bounds, static fn (mixed $value): bool => $value !== null) as $sql => $value) {
            $conditions[] = new Condition($sql, [$value]);
        }
        if ($this->filterName !== null) {
            $condition = new Condition('s.filter_name = ?', [$this->filterName]);
            $conditions[] = self::known('FILTER', $this->filterName, $condition, $viewer);
        }
        if ($this->telescope !== null) {
            $units = strtr($this->telescope, ['|' => '||', '%' => '|%', '_' => '|_']) . '|_%';
            $condition = new Condition("(s.telescope = ? OR s.telescope LIKE ? ESCAPE '|')", [$this->telescope, $units]);
            $conditions[] = self::known('TELESCOP', $this->telescope, $condition, $viewer);
        }

        return Condition::all(...$conditions);
    }

    /** The condition, for the viewer's own stacks alone if others may not read the text. */
    public static function known(string $card, string $text, Condition $condition, Viewer $viewer): Condition
    {
        return CardTable::get()->publicText($card, $text) !== null
            ? $condition
            : Condition::all($condition, new Condition('s.user_id = ?', [$viewer->userId ?? 0]));
    }
}
