<?php

declare(strict_types=1);

namespace CrowdSky\Gallery;

use CrowdSky\Base\Refusal;
use CrowdSky\Database\Condition;
use CrowdSky\Database\Database;
use CrowdSky\Fits\HeaderClock;
use CrowdSky\Sky\Places;
use CrowdSky\Sky\Viewer;

/**
 * Lists the stacks of a gallery page by page.
 *
 * A page begins after a place in the order, not after a number of stacks: it costs the same however far down it is, and a
 * stack that is added meanwhile moves none to another page.
 */
final class GalleryList
{
    private const CURSOR = '/^([0-9T:.eE+-]{0,40})~(\d{1,18})$/D';

    public function __construct(
        private readonly Database $database,
        private readonly Places $places,
        private readonly GalleryQuery $query,
    ) {
    }

    /**
     * @param string|null $after `next` of the page before; null for the first page
     * @throws Refusal for a place that is none
     */
    public function page(GalleryWish $wish, Viewer $viewer, int $limit, ?string $after = null): GalleryPage
    {
        $this->places->complete();
        [$value, $id] = self::place($after);
        $query = $this->query->of($wish, $viewer);
        $rows = $value === '' ? [] : $this->rows($query, $wish->order, self::known($wish->order, $value, $id), $limit + 1);
        if (count($rows) <= $limit) {
            $last = $value === '' ? $id : null;
            $rows = [...$rows, ...$this->rows($query, $wish->order, self::unknown($wish->order, $last), $limit + 1 - count($rows))];
        }
        $stacks = array_map(static fn (array $row): GalleryStack => GalleryStack::fromRow($row, $viewer, $wish->order), array_slice($rows, 0, $limit));

        return new GalleryPage($stacks, count($rows) > $limit ? end($stacks)->place : null);
    }

    /**
     * Where the times of own stacks are not known in UTC, but local time is.
     *
     * @param list<GalleryStack> $stacks
     * @return array<int, string> stack id => start of its first sub in local time, stored form
     */
    public function localStarts(array $stacks): array
    {
        $ids = array_column(array_filter($stacks, static fn (GalleryStack $stack): bool => $stack->isOwn && $stack->start === null), 'id');
        $rows = $ids === [] ? [] : $this->database->all(
            'SELECT s.id, MIN(f.fits_date_obs) AS start FROM stacked_frames s JOIN raw_files f ON f.job_id = s.job_id
              WHERE s.id IN (' . implode(', ', $ids) . ') AND f.left_out IS NULL AND f.header_clock IN (?, ?) GROUP BY s.id',
            [HeaderClock::Local->value, HeaderClock::LocalEnd->value],
        );

        return array_filter(array_column($rows, 'start', 'id'), is_string(...));
    }

    /**
     * @param array{string, Condition} $query of GalleryQuery
     * @return list<array<string, mixed>>
     */
    private function rows(array $query, GalleryOrder $order, Condition $place, int $limit): array
    {
        [$from, $where] = $query;
        $sql = 'SELECT ' . GalleryStack::COLUMNS . " FROM $from WHERE {$where->sql} AND {$place->sql} ORDER BY {$order->sql()} LIMIT $limit";

        return $this->database->all($sql, [...$where->values, ...$place->values]);
    }

    /**
     * @return array{string|null, int} the value and the id after which a page begins; the value is null at the begin and
     *     empty among the stacks whose value is unknown
     */
    private static function place(?string $after): array
    {
        if ($after === null) {
            return [null, 0];
        }
        if (preg_match(self::CURSOR, $after, $match) !== 1) {
            throw Refusal::badInput("'after' must be the place where the page before ended");
        }

        return [$match[1], (int) $match[2]];
    }

    /** Stacks with a value, after a place in the order. */
    private static function known(GalleryOrder $order, ?string $value, int $id): Condition
    {
        $column = $order->column();
        if ($value === null) {
            return new Condition("$column IS NOT NULL");
        }
        $sign = $order->isDescending() ? '<' : '>';

        return new Condition("$column $sign= ? AND ($column $sign ? OR s.id $sign ?)", [$value, $value, $id]);
    }

    /** Stacks without a value, after one of them. */
    private static function unknown(GalleryOrder $order, ?int $id): Condition
    {
        $sign = $order->isDescending() ? '<' : '>';

        return $id === null
            ? new Condition("{$order->column()} IS NULL")
            : new Condition("{$order->column()} IS NULL AND s.id $sign ?", [$id]);
    }
}
