<?php

declare(strict_types=1);

namespace CrowdSky\Regrouping;

use CrowdSky\Base\Refusal;
use CrowdSky\Database\Database;
use CrowdSky\Jobs\JobStore;
use CrowdSky\Uploads\LeftOutSubs;
use CrowdSky\Uploads\SeenLight;

/**
 * Makes one job of several neighbouring chunks. The job of the first one keeps its number, and its chunk key names the
 * merged chunk; the others stay behind without subs.
 *
 * Stacks that the chunks have already stay in the archive until the merged one is verified (Results\SupersededStacks).
 */
final class ChunkMerge
{
    public function __construct(
        private readonly Database $database,
        private readonly JobStore $jobs,
        private readonly ChunkReader $reader,
        private readonly MergeRules $rules,
        private readonly RegroupedJobs $regrouped,
        private readonly LeftOutSubs $leftOut,
        private readonly ChangeLog $log,
    ) {
    }

    /**
     * @param list<int> $jobIds
     * @return int the job that has all subs now
     * @throws Refusal with the reason why these cannot become one
     */
    public function merge(array $jobIds, string $actor): int
    {
        $jobIds = array_values(array_unique($jobIds));
        if (count($jobIds) < 2 || count($jobIds) > MergeRules::MOST) {
            throw Refusal::conflict((string) $this->rules->problem($this->reader->chunks(array_slice($jobIds, 0, MergeRules::MOST + 1))));
        }

        return $this->database->transaction(function () use ($jobIds, $actor): int {
            $ownerId = $this->jobs->getShown($jobIds[0])->userId;
            $this->regrouped->lock($ownerId, $jobIds);
            $chunks = $this->reader->chunks($jobIds);
            if (count($chunks) < count($jobIds)) {
                throw Refusal::notFound('One of these jobs does not exist any more');
            }
            $problem = $this->rules->problem($chunks);
            if ($problem !== null) {
                throw Refusal::conflict($problem);
            }
            $this->regrouped->requireOwnLight($chunks);

            return $this->join($chunks, $actor);
        });
    }

    /** @param non-empty-list<Chunk> $chunks in order of time */
    private function join(array $chunks, string $actor): int
    {
        $first = $chunks[0];
        $others = array_slice($chunks, 1);
        $rows = $this->rowsBefore($chunks);
        [$all, $moved] = [$first->subs, []];
        $seen = new SeenLight($all);
        $copies = 0;
        foreach ($others as $chunk) {
            $new = [];
            foreach ($chunk->subs as $sub) {
                $same = $seen->find($sub);
                if ($same !== null) {
                    $this->leftOut->leaveOut($sub, $same, $first->job->id);
                    $copies++;
                    continue;
                }
                $seen->add($sub);
                $new[] = $sub;
                $moved[$sub->frame->id] = $chunk->job->id;
            }
            $this->regrouped->give($new, $first->job->id, $all, $chunk->stackId === null ? null : $chunk->job->id);
            // What was deleted or left out before is listed with the subs that have its light.
            $this->database->execute('UPDATE raw_files SET job_id = ? WHERE job_id = ?', [$first->job->id, $chunk->job->id]);
            $this->regrouped->leaveEmpty($chunk, $first->job->id, $actor, ChunkChange::MERGED);
            $all = [...$all, ...$new];
        }
        $ids = array_map(static fn (Chunk $chunk): int => $chunk->job->id, $others);
        $this->regrouped->queue($first, $all, $actor, ChunkChange::MERGED, 'with job ' . implode(', ', $ids) . ': ' . count($all) . ' subs' . ($copies === 0 ? '' : ", $copies copies left out"));
        $this->log->add(ChunkChange::MERGED, $first->job->userId, $first->job->id, $ids, $actor, $copies > 0 ? null : ['jobs' => $rows, 'subs' => $moved]);

        return $first->job->id;
    }

    /**
     * @param list<Chunk> $chunks
     * @return array<int, array<string, mixed>> what undoing needs to know of the jobs, by id
     */
    private function rowsBefore(array $chunks): array
    {
        $rows = [];
        foreach ($chunks as $chunk) {
            $rows[$chunk->job->id] = ['status' => $chunk->job->status->value, 'completed_at' => $chunk->job->completedAt];
        }

        return $rows;
    }
}
