<?php

declare(strict_types=1);

namespace CrowdSky\Gallery;

use CrowdSky\Database\Condition;
use CrowdSky\Database\Database;
use CrowdSky\Sky\StackSearch;
use CrowdSky\Sky\SkyStack;
use CrowdSky\Sky\Viewer;
use CrowdSky\Sky\Visibility;

/** The pictures with which the site shows itself: of the latest public stacks, one of each object. */
final class Showcase
{
    /** Stacks among which the best of each object is found. */
    private const LATEST = 120;

    public function __construct(private readonly Database $database, private readonly StackSearch $search)
    {
    }

    /** @return list<int> of the latest stacks that are solved, undamaged and have a picture: of each object the longest exposure */
    public function ids(): array
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

        return array_map(intval(...), array_column($best, 'id'));
    }

    /**
     * @param list<int> $ids of ids(), which may have been kept for a while
     * @return list<SkyStack> those that are still to be shown, and whose object strangers may know
     */
    public function stacks(array $ids, int $limit): array
    {
        $stacks = $this->search->byId($ids, Viewer::public());
        $found = array_map(static fn (int $id): ?SkyStack => $stacks[$id] ?? null, $ids);
        $shown = array_filter($found, static fn (?SkyStack $stack): bool => $stack?->objectName !== null && $stack->hasThumbnail && !$stack->isDamaged);

        return array_slice(array_values($shown), 0, $limit);
    }
}
