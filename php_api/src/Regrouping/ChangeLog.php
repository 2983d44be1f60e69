<?php

declare(strict_types=1);

namespace CrowdSky\Regrouping;

use CrowdSky\Base\Clock;
use CrowdSky\Base\Refusal;
use CrowdSky\Base\Utc;
use CrowdSky\Database\Database;

/** Which chunks were merged and split by hand. */
final class ChangeLog
{
    public function __construct(private readonly Database $database, private readonly Clock $clock)
    {
    }

    /**
     * @param list<int> $otherJobs
     * @param array{jobs: array<int, array<string, mixed>>, subs: array<int, int>}|null $undo as ChunkChange has it
     */
    public function add(string $kind, int $ownerId, int $jobId, array $otherJobs, string $actor, ?array $undo): void
    {
        $this->database->insert('chunk_changes', [
            'kind' => $kind,
            'user_id' => $ownerId,
            'job_id' => $jobId,
            'other_jobs' => implode(',', $otherJobs),
            'actor' => $actor,
            'former' => $undo === null ? null : json_encode($undo, JSON_THROW_ON_ERROR | JSON_PRESERVE_ZERO_FRACTION),
            'created_at' => Utc::stored($this->clock->now()),
        ]);
    }

    /** @throws Refusal when there is no such change */
    public function get(int $id): ChunkChange
    {
        $row = $this->database->one('SELECT * FROM chunk_changes WHERE id = ?', [$id]);

        return $row === null ? throw Refusal::notFound("There is no change $id of chunks") : ChunkChange::fromRow($row);
    }

    /** @return list<ChunkChange> of chunks that a job is or was part of, latest first */
    public function ofJob(int $jobId, int $ownerId): array
    {
        // Few changes of one owner: a merged job is looked for in their lists.
        return array_values(array_filter($this->list('user_id = ?', [$ownerId], 200), static fn (ChunkChange $change): bool => in_array($jobId, $change->jobs(), true)));
    }

    /** @return list<ChunkChange> of all owners, latest first */
    public function latest(int $limit): array
    {
        return $this->list('1 = 1', [], $limit);
    }

    public function markUndone(ChunkChange $change): void
    {
        $this->database->execute('UPDATE chunk_changes SET undone_at = ? WHERE id = ?', [Utc::stored($this->clock->now()), $change->id]);
    }

    /**
     * @param list<int> $values
     * @return list<ChunkChange>
     */
    private function list(string $where, array $values, int $limit): array
    {
        return array_map(ChunkChange::fromRow(...), $this->database->all("SELECT * FROM chunk_changes WHERE $where ORDER BY id DESC LIMIT $limit", $values));
    }
}
