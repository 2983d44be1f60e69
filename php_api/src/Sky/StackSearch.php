<?php

declare(strict_types=1);

namespace CrowdSky\Sky;

use CrowdSky\Base\Refusal;
use CrowdSky\Database\Condition;
use CrowdSky\Database\Database;
use CrowdSky\Fits\PublicHeader;

/**
 * Finds the stacks that a viewer may see by where they are, when they were taken, what they show and how deep they go.
 *
 * All lists are ordered by the begin of the observation, then by id, which never changes for a stack.
 */
final class StackSearch
{
    private const COLUMNS = 's.id, s.user_id, s.chunk_key, s.chunk_key_hp, s.object_name, s.telescope, s.filter_name, s.ra_deg, s.dec_deg,
        s.sky_pixel, s.date_obs_start, s.date_obs_end, s.total_exptime, s.eq_mode, s.n_frames_input, s.n_frames_aligned, s.n_stars_detected,
        s.sky_mag, s.limiting_mag, s.file_size_bytes, s.sha256, p.sha256 AS public_sha256, s.is_smoothed, s.thumbnail_path, s.stars_path,
        s.damaged_at, s.created_at, m.solved, m.field_width_deg, m.field_height_deg, m.rotation_deg, m.scale_arcsec, m.wcs';
    private const JOINS = ' LEFT JOIN stack_solutions m ON m.stack_id = s.id
        LEFT JOIN public_stacks p ON p.stack_id = s.id AND p.source_sha256 = s.sha256 AND p.rule = ' . PublicHeader::VERSION;
    private const ORDER = ' ORDER BY s.date_obs_start, s.id';
    private const CURSOR = '/^((?:\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?)?)~(\d{1,18})$/D';

    public function __construct(
        private readonly Database $database,
        private readonly Places $places,
        private readonly ObjectNames $names,
    ) {
    }

    /**
     * One page of the stacks for which everything given holds.
     *
     * @param string|null $object name of an object that is in the picture, or that the owner named
     * @param string|null $after `next` of the page before; null for the first page
     * @throws Refusal for a cursor that is none
     */
    public function page(
        ?SkyRegion $region,
        ?string $object,
        StackFilter $filter,
        Viewer $viewer,
        int $limit,
        ?string $after = null,
    ): SkyPage {
        $this->places->complete();
        $found = $object === null ? null : $this->names->stacksWith($object, $viewer);
        $where = Condition::all(
            Visibility::condition($viewer),
            $filter->condition($viewer),
            $region?->condition() ?? Condition::all(),
            self::later($after),
        );
        $rows = $this->rows($found, $where, sprintf(' LIMIT %d', $limit + 1));
        $stacks = array_map(static fn (array $row): SkyStack => SkyStack::fromRow($row, $viewer), array_slice($rows, 0, $limit));
        $last = end($stacks);

        return new SkyPage($stacks, count($rows) > $limit && $last !== false ? $last->cursor() : null);
    }

    /**
     * The stacks whose key or whose place is in a pixel: the two differ, because headers are of date and often a bit off.
     * They follow one by one, because a popular target has thousands; nothing else may be asked meanwhile. Damaged ones,
     * which cannot be downloaded, are left out.
     *
     * @param int $pixel NSIDE 128, RING
     * @return \Generator<int, SkyStack>
     */
    public function inPixel(int $pixel, StackFilter $filter, Viewer $viewer): \Generator
    {
        $this->places->complete();
        $found = new Condition(
            'SELECT id FROM stacked_frames WHERE key_pixel = ? UNION SELECT id FROM stacked_frames WHERE sky_pixel = ?',
            [$pixel, $pixel],
        );
        $where = Condition::all(Visibility::condition($viewer), $filter->condition($viewer), new Condition('s.damaged_at IS NULL'));
        foreach ($this->database->each(...self::query($found, $where, '')) as $row) {
            yield SkyStack::fromRow($row, $viewer);
        }
    }

    /**
     * @param list<int> $ids
     * @return array<int, SkyStack> by id; those that the viewer may not see are missing
     */
    public function byId(array $ids, Viewer $viewer): array
    {
        if ($ids === []) {
            return [];
        }
        $wanted = new Condition('s.id IN (' . implode(', ', array_fill(0, count($ids), '?')) . ')', $ids);
        $stacks = [];
        foreach ($this->rows(null, Condition::all(Visibility::condition($viewer), $wanted), '') as $row) {
            $stacks[(int) $row['id']] = SkyStack::fromRow($row, $viewer);
        }

        return $stacks;
    }

    /** @return list<array<string, mixed>> */
    private function rows(?Condition $found, Condition $where, string $limit): array
    {
        return $this->database->all(...self::query($found, $where, $limit));
    }

    /**
     * @param Condition|null $found a SELECT of ids; null for all stacks
     * @return array{string, list<mixed>} the query and its values
     */
    private static function query(?Condition $found, Condition $where, string $limit): array
    {
        $from = $found === null ? Visibility::FROM : "({$found->sql}) f JOIN stacked_frames s ON s.id = f.id";

        return [
            'SELECT ' . self::COLUMNS . " FROM $from" . self::JOINS . " WHERE {$where->sql}" . self::ORDER . $limit,
            [...($found?->values ?? []), ...$where->values],
        ];
    }

    /** What comes after a place in the order; stacks without a time come first. */
    private static function later(?string $after): Condition
    {
        if ($after === null) {
            return Condition::all();
        }
        if (preg_match(self::CURSOR, $after, $match) !== 1) {
            throw Refusal::badInput("'after' must be the value of 'next' of the page before");
        }
        [, $begin, $id] = $match;

        return $begin === ''
            ? new Condition('(s.date_obs_start IS NOT NULL OR s.id > ?)', [(int) $id])
            : new Condition('s.date_obs_start >= ? AND (s.date_obs_start > ? OR s.id > ?)', [$begin, $begin, (int) $id]);
    }
}
