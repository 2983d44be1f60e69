<?php

declare(strict_types=1);

namespace CrowdSky\Gallery;

use CrowdSky\Accounts\User;
use CrowdSky\Base\Refusal;
use CrowdSky\Database\Database;
use CrowdSky\Fits\CardTable;
use CrowdSky\Sky\Viewer;
use CrowdSky\Sky\Visibility;
use CrowdSky\Stacks\Stack;

/** Looks up the stacks of a download for a user who asked for them by their ids. */
final class Selection
{
    private const BATCH = 500;

    public function __construct(private readonly Database $database)
    {
    }

    /**
     * @param list<int> $ids
     * @return list<PackedStack> in the order of the ids, each once
     * @throws Refusal naming the stacks that do not exist or are not for this user: the answer is the same
     */
    public function stacks(array $ids, User $user): array
    {
        $ids = array_values(array_unique($ids));
        $viewer = Viewer::of($user);
        $found = [];
        foreach (array_chunk($ids, self::BATCH) as $batch) {
            $visible = Visibility::condition($viewer);
            $rows = $this->database->all(
                'SELECT s.*, m.solved, (SELECT o.stacks_public FROM users o WHERE o.id = s.user_id) AS stacks_public
                   FROM ' . Visibility::FROM . ' LEFT JOIN stack_solutions m ON m.stack_id = s.id
                  WHERE s.id IN (' . implode(', ', $batch) . ") AND {$visible->sql}",
                $visible->values,
            );
            foreach ($rows as $row) {
                $found[(int) $row['id']] = Stack::fromRow($row);
            }
        }
        $missing = array_diff($ids, array_keys($found));
        if ($missing !== []) {
            throw Refusal::notFound('These stacks do not exist or are not public: ' . implode(', ', array_slice($missing, 0, 10)));
        }

        return array_map(static fn (int $id): PackedStack => self::packed($found[$id], $user), $ids);
    }

    private static function packed(Stack $stack, User $user): PackedStack
    {
        $isOwn = $stack->userId === $user->id;
        $object = ($isOwn ? $stack->objectName : CardTable::get()->publicText('OBJECT', $stack->objectName)) ?? 'unknown';
        $name = ltrim(preg_replace('/[^A-Za-z0-9._+-]+/', '_', mb_substr($object, 0, 60) . "_{$stack->healpixKey}_{$stack->id}"), '.');
        $isOriginal = $isOwn || $user->isAdmin();

        return new PackedStack(
            $stack,
            $name . ($isOriginal ? '' : '_public') . '.fits',
            $isOriginal,
            $stack->damagedAt === null ? null : 'damaged in the archive',
        );
    }
}
