<?php

declare(strict_types=1);

namespace CrowdSky\Sky;

use CrowdSky\Database\Condition;
use CrowdSky\Database\Database;

/** The pictures with which the site shows itself: of the latest public stacks, one of each object. */
final class Showcase
{
    /** Stacks among which the best of each object is found. */
    private const LATEST = 120;

    public function __construct(private readonly Database $database, private readonly StackSearch $search)
    {
    }

    /** @return list<SkyStack> solved, undamaged and with a picture; the latest object first, of each the longest exposure */
    public function pictures(int $limit): array
    {
        $shown = Condition::all(
            Visibility::condition(Viewer::public()),
            new Condition('s.thumbnail_path IS NOT NULL AND s.damaged_at IS NULL AND s.object_key IS NOT NULL AND m.solved = 1'),
        );
        $rows = $this->database->all(
            'SELECT s.id, s.object_key, s.total_exptime FROM ' . Visibility::FROM . ' JOIN stack_solutions m ON m.stack_id = s.id'
            . " WHERE {$shown->sql} ORDER BY s.id DESC LIMIT " . self::LATEST,
            $shown->values,
        );
        $best = [];
        foreach ($rows as $row) {
            if ((float) $row['total_exptime'] > (float) ($best[$row['object_key']]['total_exptime'] ?? -1.0)) {
                $best[$row['object_key']] = $row;
            }
        }
        $ids = array_map(intval(...), array_column($best, 'id'));
        $stacks = $this->search->byId($ids, Viewer::public());
        $named = array_filter(array_map(static fn (int $id): ?SkyStack => $stacks[$id] ?? null, $ids), static fn (?SkyStack $stack): bool => $stack?->objectName !== null);

        return array_slice(array_values($named), 0, $limit);
    }
}
