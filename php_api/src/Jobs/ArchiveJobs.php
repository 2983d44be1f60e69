<?php

declare(strict_types=1);

namespace CrowdSky\Jobs;

use CrowdSky\Base\Clock;
use CrowdSky\Base\ConfigurationError;
use CrowdSky\Base\Utc;
use CrowdSky\Database\Database;

/** Queues jobs that work on the archive as a whole and not on somebody's upload. They belong to an admin. */
final class ArchiveJobs
{
    /** Below everything else: nobody waits for them at night. */
    private const PRIORITY = -2;
    private const MAX_ATTEMPTS = 3;

    public function __construct(
        private readonly Database $database,
        private readonly JobEvents $events,
        private readonly Clock $clock,
    ) {
    }

    /** @param string $key what it works on, in place of a chunk's key */
    public function isQueued(JobKind $kind, string $key): bool
    {
        return $this->database->value(
            'SELECT id FROM stacking_jobs WHERE kind = ? AND chunk_key = ? AND status IN (?, ?, ?)',
            [$kind->value, $key, JobStatus::Pending->value, JobStatus::Retry->value, JobStatus::Processing->value],
        ) !== null;
    }

    /**
     * @param string $name what it works on, for people to read
     * @param string $options JSON of what it is asked to do
     * @param int $bytes that its worker has on its disk at a time
     * @param string $said about what was queued, for the events of the job
     * @return int its id
     * @throws ConfigurationError when there is no admin
     */
    public function add(JobKind $kind, string $key, string $name, string $options, int $bytes, string $said): int
    {
        $now = Utc::stored($this->clock->now());
        return $this->database->transaction(function () use ($kind, $key, $name, $options, $bytes, $said, $now): int {
            [$userId, $sessionId] = $this->session($kind->value, $now);
            $jobId = $this->database->insert('stacking_jobs', [
                'kind' => $kind->value,
                'user_id' => $userId,
                'upload_session_id' => $sessionId,
                'status' => JobStatus::Pending->value,
                'priority' => self::PRIORITY,
                'chunk_key' => $key,
                'chunk_key_hp' => $key,
                'object_name' => $name,
                'time_block' => '',
                'group_key' => "$key-" . bin2hex(random_bytes(8)),
                'frame_count' => 0,
                'total_bytes' => $bytes,
                'options' => $options,
                'max_attempts' => self::MAX_ATTEMPTS,
                'created_at' => $now,
                'updated_at' => $now,
            ]);
            $this->events->record($jobId, 'system', 'created', $said);
            return $jobId;
        });
    }

    /** @return array{int, int} an admin, and the session that stands for an upload, which every job has */
    private function session(string $token, string $now): array
    {
        $row = $this->database->one('SELECT id, user_id FROM upload_sessions WHERE session_token = ?', [$token]);
        if ($row !== null) {
            return [(int) $row['user_id'], (int) $row['id']];
        }
        $admin = $this->database->value("SELECT MIN(id) FROM users WHERE role = 'admin'")
            ?? throw new ConfigurationError('Jobs belong to somebody; create an admin first, with create-user.php --admin');
        return [(int) $admin, $this->database->insert('upload_sessions', [
            'user_id' => (int) $admin,
            'session_token' => $token,
            'status' => 'complete',
            'created_at' => $now,
            'last_activity_at' => $now,
            'finalized_at' => $now,
        ])];
    }
}
