<?php

declare(strict_types=1);

namespace CrowdSky\Uploads;

use CrowdSky\Accounts\User;
use CrowdSky\Database\Database;
use CrowdSky\Jobs\Job;

/** What a user has uploaded and what became of it, for the status pages. */
final class UploadHistory
{
    private const SESSIONS = 50;

    public function __construct(private readonly Database $database)
    {
    }

    /**
     * Returns the latest sessions, newest first, but none that has begun and got no file yet.
     *
     * @return list<array<string, mixed>> rows of upload_sessions with `files`, `bytes` and
     *                                    `jobs`: a map from job status to the number of jobs
     */
    public function recent(User $user): array
    {
        $sessions = $this->database->all(
            'SELECT s.*, (SELECT COUNT(*) FROM raw_files f WHERE f.upload_session_id = s.id) AS files,
                    (SELECT SUM(f.file_size_bytes) FROM raw_files f WHERE f.upload_session_id = s.id) AS bytes
               FROM upload_sessions s
              WHERE s.user_id = ? AND (s.status <> ? OR EXISTS (SELECT 1 FROM raw_files f WHERE f.upload_session_id = s.id))
              ORDER BY s.id DESC LIMIT ' . self::SESSIONS,
            [$user->id, UploadSession::UPLOADING]
        );
        $counts = $this->database->all(
            'SELECT f.upload_session_id, j.status, COUNT(DISTINCT j.id) AS jobs
               FROM raw_files f JOIN stacking_jobs j ON j.id = f.job_id
              WHERE f.user_id = ? AND f.upload_session_id >= ? AND f.left_out IS NULL GROUP BY f.upload_session_id, j.status',
            [$user->id, end($sessions)['id'] ?? 0]
        );
        $jobs = [];
        foreach ($counts as $row) {
            $jobs[$row['upload_session_id']][$row['status']] = (int) $row['jobs'];
        }

        return array_map(fn (array $session) => $session + ['jobs' => $jobs[$session['id']] ?? []], $sessions);
    }

    /** @return list<Job> jobs the session's subs went into, by chunk; not those that have had their light before */
    public function jobsOf(UploadSession $session): array
    {
        return array_map(Job::fromRow(...), $this->database->all(
            'SELECT * FROM stacking_jobs WHERE id IN
                (SELECT job_id FROM raw_files WHERE upload_session_id = ? AND job_id IS NOT NULL AND left_out IS NULL)
              ORDER BY chunk_key, id',
            [$session->id]
        ));
    }

    /** @return list<array{chunk_key: string, files: int}> chunks that were skipped because they were already stacked */
    public function skippedOf(UploadSession $session): array
    {
        return $this->database->all(
            'SELECT chunk_key, COUNT(*) AS files FROM raw_files
              WHERE upload_session_id = ? AND job_id IS NULL AND deleted_at IS NOT NULL AND left_out IS NULL
              GROUP BY chunk_key ORDER BY chunk_key',
            [$session->id]
        );
    }

    /** @return list<array{filename: string, reason: string}> subs that are left out, because they show light of another sub */
    public function leftOutOf(UploadSession $session): array
    {
        return $this->database->all(
            'SELECT filename, left_out AS reason FROM raw_files WHERE upload_session_id = ? AND left_out IS NOT NULL ORDER BY id',
            [$session->id]
        );
    }
}
