<?php

declare(strict_types=1);

namespace CrowdSky\Jobs;

use CrowdSky\Database\Database;

/**
 * Lists of jobs for the pages.
 */
final class JobLookup
{
    public function __construct(private readonly Database $database)
    {
    }

    /** @return list<Job> jobs of an upload session in order of their chunk */
    public function ofSession(int $sessionId): array
    {
        return $this->jobs('SELECT * FROM stacking_jobs WHERE upload_session_id = ? ORDER BY chunk_key, id', [$sessionId]);
    }

    /**
     * @param JobStatus|null $status null for all
     * @param int $beforeId only jobs with a smaller id, for the next page of the list
     * @return list<Job> newest first
     */
    public function recent(?JobStatus $status, int $limit, int $beforeId = PHP_INT_MAX): array
    {
        if ($status === null) {
            return $this->jobs('SELECT * FROM stacking_jobs WHERE id < ? ORDER BY id DESC LIMIT ?', [$beforeId, $limit]);
        }
        return $this->jobs('SELECT * FROM stacking_jobs WHERE status = ? AND id < ? ORDER BY id DESC LIMIT ?', [$status->value, $beforeId, $limit]);
    }

    /** @return array<string, int> number of jobs by status word, every status present */
    public function countByStatus(): array
    {
        $counts = array_fill_keys(array_column(JobStatus::cases(), 'value'), 0);
        foreach ($this->database->all('SELECT status, COUNT(*) AS n FROM stacking_jobs GROUP BY status') as $row) {
            $counts[$row['status']] = (int) $row['n'];
        }
        return $counts;
    }

    /**
     * @param list<int|string> $parameters
     * @return list<Job>
     */
    private function jobs(string $sql, array $parameters): array
    {
        return array_map(Job::fromRow(...), $this->database->all($sql, $parameters));
    }
}
