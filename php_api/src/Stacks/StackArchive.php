<?php

declare(strict_types=1);

namespace CrowdSky\Stacks;

use CrowdSky\Accounts\User;
use CrowdSky\Changes\StackChanges;
use CrowdSky\Database\Database;
use CrowdSky\Results\StackVisibility;

/** Finds stacks by their id, owner or job. Who else may see one is decided in Sky\Visibility. */
final class StackArchive
{
    private const STACKS = 'SELECT s.*, o.stacks_public, m.solved FROM stacked_frames s JOIN users o ON o.id = s.user_id
        LEFT JOIN stack_solutions m ON m.stack_id = s.id';

    public function __construct(private readonly Database $database)
    {
    }

    public function find(int $id): ?Stack
    {
        $row = $this->database->one(self::STACKS . ' WHERE s.id = ?', [$id]);

        return $row === null ? null : Stack::fromRow($row);
    }

    /** Stores who sees a stack; only its owner decides that. */
    public function setVisibility(int $id, int $ownerId, StackVisibility $visibility): void
    {
        $this->database->transaction(function () use ($id, $ownerId, $visibility): void {
            $this->database->execute(
                'UPDATE stacked_frames SET visibility = ? WHERE id = ? AND user_id = ?',
                [$visibility->value, $id, $ownerId]
            );
            (new StackChanges($this->database))->note($id);
        });
    }

    /**
     * The user's own stacks, latest observation first.
     *
     * @return list<Stack>
     */
    public function ofUser(User $user): array
    {
        return array_map(Stack::fromRow(...), $this->database->all(
            self::STACKS . ' WHERE s.user_id = ? ORDER BY s.date_obs_start DESC, s.id DESC',
            [$user->id]
        ));
    }

    /** When the stack of a job was first found missing from storage or changed there, stored form; null when it reads back. */
    public function damageOfJob(int $jobId): ?string
    {
        return $this->database->value('SELECT damaged_at FROM stacked_frames WHERE job_id = ?', [$jobId]);
    }

    /**
     * The damaged stacks of all owners, found latest first.
     *
     * @return list<Stack>
     */
    public function damaged(int $limit): array
    {
        return array_map(Stack::fromRow(...), $this->database->all(
            self::STACKS . sprintf(' WHERE s.damaged_at IS NOT NULL ORDER BY s.damaged_at DESC, s.id DESC LIMIT %d', $limit)
        ));
    }

    public function countOfDamaged(): int
    {
        return (int) $this->database->value('SELECT COUNT(*) FROM stacked_frames WHERE damaged_at IS NOT NULL');
    }

    /** @return array<int, int> job id => stack id, for those of the jobs that have one */
    public function ofJobs(int ...$jobIds): array
    {
        if ($jobIds === []) {
            return [];
        }
        $marks = implode(', ', array_fill(0, count($jobIds), '?'));
        $rows = $this->database->all("SELECT id, job_id FROM stacked_frames WHERE job_id IN ($marks)", $jobIds);

        return array_map('intval', array_column($rows, 'id', 'job_id'));
    }
}
