<?php

declare(strict_types=1);

namespace CrowdSky\Regrouping;

use CrowdSky\Base\Clock;
use CrowdSky\Base\Refusal;
use CrowdSky\Base\Utc;
use CrowdSky\Database\Database;
use CrowdSky\Jobs\JobEvents;
use CrowdSky\Jobs\JobStatus;
use CrowdSky\Jobs\JobStore;
use CrowdSky\Uploads\RawSub;

/**
 * Gives some subs of a chunk a job of their own. If the chunk has a stack, the new job waits until that is replaced by one
 * without them: otherwise their light would be in two stacks.
 */
final class ChunkSplit
{
    /** Columns that the new job takes over. */
    private const COPIED = ['user_id', 'upload_session_id', 'priority', 'telescope', 'filter_name', 'fits_exptime', 'eq_mode', 'header_clock', 'max_attempts'];

    public function __construct(
        private readonly Database $database,
        private readonly JobStore $jobs,
        private readonly JobEvents $events,
        private readonly ChunkReader $reader,
        private readonly RegroupedJobs $regrouped,
        private readonly ChangeLog $log,
        private readonly Clock $clock,
    ) {
    }

    /**
     * @param list<int> $subIds of the chunk, that get a job of their own
     * @return int the new job
     * @throws Refusal with the reason why the chunk cannot be split so
     */
    public function split(int $jobId, array $subIds, string $actor): int
    {
        return $this->database->transaction(function () use ($jobId, $subIds, $actor): int {
            $this->regrouped->lock($this->jobs->getShown($jobId)->userId, [$jobId]);
            $chunk = $this->reader->chunks([$jobId])[0] ?? throw Refusal::notFound("There is no job $jobId");
            if ($chunk->problem !== null) {
                throw Refusal::conflict($chunk->problem);
            }
            $this->regrouped->requireOwnLight([$chunk]);
            $chosen = array_flip($subIds);
            $apart = array_values(array_filter($chunk->subs, static fn (RawSub $sub): bool => isset($chosen[$sub->frame->id])));
            $rest = array_values(array_filter($chunk->subs, static fn (RawSub $sub): bool => !isset($chosen[$sub->frame->id])));
            if (count($apart) < count($chosen)) {
                throw Refusal::conflict("Some of these subs are not in job $jobId any more; look at it again");
            }
            if ($apart === [] || $rest === []) {
                throw Refusal::conflict('Both parts need at least one sub: choose some, but not all');
            }

            return $this->part($chunk, $rest, $apart, $actor);
        });
    }

    /**
     * @param non-empty-list<RawSub> $rest
     * @param non-empty-list<RawSub> $apart
     */
    private function part(Chunk $chunk, array $rest, array $apart, string $actor): int
    {
        $jobId = $chunk->job->id;
        $newId = $this->create($chunk, $apart, $actor);
        $this->regrouped->give($apart, $newId, [], $chunk->stackId === null ? null : $jobId);
        foreach ($apart as $sub) {
            // Earlier uploads of the same file, which were deleted, are listed with it.
            $this->database->execute(
                'UPDATE raw_files SET job_id = ? WHERE job_id = ? AND sha256 = ? AND deleted_at IS NOT NULL',
                [$newId, $jobId, $sub->exposure->sha256],
            );
        }
        $detail = sprintf('%d subs stay, %d went to job %d', count($rest), count($apart), $newId);
        $this->regrouped->queue($chunk, $rest, $actor, ChunkChange::SPLIT, $detail);
        $before = [$jobId => ['status' => $chunk->job->status->value, 'completed_at' => $chunk->job->completedAt]];
        $moved = array_fill_keys(array_map(static fn (RawSub $sub): int => $sub->frame->id, $apart), $jobId);
        $this->log->add(ChunkChange::SPLIT, $chunk->job->userId, $jobId, [$newId], $actor, ['jobs' => $before, 'subs' => $moved]);

        return $newId;
    }

    /** @param non-empty-list<RawSub> $subs */
    private function create(Chunk $chunk, array $subs, string $actor): int
    {
        $group = RawSub::group($subs);
        $first = $group->first();
        $row = $this->database->one('SELECT * FROM stacking_jobs WHERE id = ?', [$chunk->job->id]) ?? throw Refusal::notFound("There is no job {$chunk->job->id}");
        $now = Utc::stored($this->clock->now());
        $id = $this->database->insert('stacking_jobs', array_intersect_key($row, array_flip(self::COPIED)) + [
            'status' => JobStatus::Pending->value,
            'group_key' => $group->groupKey() . '-' . $first->id,
            'after_job_id' => $chunk->stackId === null ? null : $chunk->job->id,
            'created_at' => $now,
            'updated_at' => $now,
        ] + RegroupedJobs::described($subs));
        $this->events->record($id, $actor, 'created', count($subs) . " subs of job {$chunk->job->id}");

        return $id;
    }
}
