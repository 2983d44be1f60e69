<?php

declare(strict_types=1);

namespace CrowdSky\Regrouping;

use CrowdSky\Database\Database;
use CrowdSky\Jobs\Job;
use CrowdSky\Jobs\JobKind;
use CrowdSky\Jobs\JobStatus;
use CrowdSky\Uploads\RawSub;

/** Reads chunks with all that decides whether they can be merged or split. */
final class ChunkReader
{
    /** Chunks beside one that are read at most. */
    private const MOST = 60;

    public function __construct(private readonly Database $database, private readonly BlockOrder $blocks)
    {
    }

    /**
     * @param list<int> $jobIds
     * @return list<Chunk> those that exist, in order of time
     */
    public function chunks(array $jobIds): array
    {
        if ($jobIds === []) {
            return [];
        }
        $marks = self::marks($jobIds);
        $jobs = $this->database->all("SELECT * FROM stacking_jobs WHERE id IN ($marks) AND checks_job_id IS NULL ORDER BY id", $jobIds);
        $stacks = array_column($this->database->all("SELECT job_id, id, damaged_at FROM stacked_frames WHERE job_id IN ($marks)", $jobIds), null, 'job_id');
        $subs = [];
        foreach ($this->database->all("SELECT * FROM raw_files WHERE job_id IN ($marks) AND deleted_at IS NULL ORDER BY fits_date_obs, id", $jobIds) as $row) {
            $subs[(int) $row['job_id']][] = $row;
        }
        $blocked = $this->blocked($jobIds);
        $chunks = [];
        foreach (array_map(Job::fromRow(...), $jobs) as $job) {
            $rows = $subs[$job->id] ?? [];
            $stack = $stacks[$job->id] ?? null;
            $problem = $this->problem($job, $rows, $stack !== null && $stack['damaged_at'] !== null) ?? $blocked[$job->id] ?? null;
            $chunks[] = new Chunk($job, array_map(RawSub::fromRow(...), $rows), $stack === null ? null : (int) $stack['id'], $problem);
        }
        usort($chunks, static fn (Chunk $a, Chunk $b): int => [$a->begin(), $a->job->id] <=> [$b->begin(), $b->job->id]);

        return $chunks;
    }

    /** @return list<Chunk> of the same owner and telescope, taken shortly before or after, the chunk itself included */
    public function around(Job $job): array
    {
        $block = (string) $this->database->value('SELECT time_block FROM stacking_jobs WHERE id = ?', [$job->id]);
        [$from, $to] = $this->blocks->daysAround($block);
        $rows = $this->database->all(
            'SELECT id, time_block FROM stacking_jobs WHERE user_id = ? AND time_block BETWEEN ? AND ? AND kind = ? AND merged_into_id IS NULL
                AND COALESCE(telescope, ?) = ? ORDER BY time_block, id',
            [$job->userId, $from, $to, JobKind::Stack->value, '', $job->telescope ?? ''],
        );
        $near = array_filter($rows, fn (array $row): bool => $this->blocks->areNear($block, $row['time_block']));
        $ids = array_slice(array_column($near, 'id'), 0, self::MOST);

        return $this->chunks(array_values(array_unique([$job->id, ...array_map('intval', $ids)])));
    }

    /** @param list<array<string, mixed>> $rows its stored subs */
    private function problem(Job $job, array $rows, bool $isDamaged): ?string
    {
        $left = count($rows);
        $waits = array_filter($rows, static fn (array $row): bool => $row['light_job_id'] !== null) !== [];

        return match (true) {
            $job->kind !== JobKind::Stack => "Job {$job->id} is no chunk of subs",
            $job->mergedIntoId !== null => "The subs of job {$job->id} went to job {$job->mergedIntoId}",
            $left === 0 => "The subs of job {$job->id} have been deleted",
            $left < $job->frameCount => "Job {$job->id} has only $left of its {$job->frameCount} subs left; upload them again",
            $isDamaged => "The stack of job {$job->id} is damaged: let it be made again first",
            $job->nHeld > 0 => "A result of job {$job->id} waits for a decision about a volunteer's work",
            $waits || $job->afterJobId !== null => "An earlier change of job {$job->id} waits for its new stack: wait for that too, or undo it",
            default => null,
        };
    }

    /**
     * @param list<int> $jobIds
     * @return array<int, string> by job
     */
    private function blocked(array $jobIds): array
    {
        $marks = self::marks($jobIds);
        $open = [JobStatus::Pending->value, JobStatus::Retry->value, JobStatus::Processing->value];
        $found = [];
        $rows = $this->database->all(
            "SELECT COALESCE(s.job_id, j.frames_job_id) AS of_job, j.id FROM stacking_jobs j LEFT JOIN stacked_frames s ON s.id = j.stack_id
              WHERE (s.job_id IN ($marks) OR j.frames_job_id IN ($marks)) AND j.status IN (?, ?, ?)",
            [...$jobIds, ...$jobIds, ...$open],
        );
        foreach ($rows as $row) {
            $found[(int) $row['of_job']] = "Job {$row['id']} is still busy with the stack of job {$row['of_job']}: wait for it, or cancel it";
        }
        foreach ($this->database->all("SELECT id, after_job_id FROM stacking_jobs WHERE after_job_id IN ($marks)", $jobIds) as $row) {
            $found[(int) $row['after_job_id']] = "Job {$row['id']} waits for the new stack of job {$row['after_job_id']}: wait for it too, or undo the split";
        }

        return $found;
    }

    /** @param list<int> $ids */
    private static function marks(array $ids): string
    {
        return implode(', ', array_fill(0, count($ids), '?'));
    }
}
