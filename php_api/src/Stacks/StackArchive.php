<?php

declare(strict_types=1);

namespace CrowdSky\Stacks;

use CrowdSky\Accounts\User;
use CrowdSky\Changes\StackChanges;
use CrowdSky\Database\Database;
use CrowdSky\Fits\HeaderClock;
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
    public function ofUser(User $user, ?int $limit = null, int $offset = 0): array
    {
        $page = $limit === null ? '' : sprintf(' LIMIT %d OFFSET %d', $limit, $offset);

        return array_map(Stack::fromRow(...), $this->database->all(
            self::STACKS . " WHERE s.user_id = ? ORDER BY s.date_obs_start DESC, s.id DESC$page",
            [$user->id]
        ));
    }

    /**
     * Where the times of a user's stacks are not known in UTC, but local time is.
     *
     * @return array<int, string> stack id => start of its first sub in local time, stored form
     */
    public function localStarts(User $user): array
    {
        $rows = $this->database->all(
            'SELECT s.id, MIN(f.fits_date_obs) AS start FROM stacked_frames s JOIN raw_files f ON f.job_id = s.job_id
              WHERE s.user_id = ? AND s.date_obs_start IS NULL AND f.left_out IS NULL AND f.header_clock IN (?, ?)
              GROUP BY s.id',
            [$user->id, HeaderClock::Local->value, HeaderClock::LocalEnd->value]
        );

        return array_filter(array_column($rows, 'start', 'id'), is_string(...));
    }

    public function countOfUser(User $user): int
    {
        return (int) $this->database->value('SELECT COUNT(*) FROM stacked_frames WHERE user_id = ?', [$user->id]);
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
