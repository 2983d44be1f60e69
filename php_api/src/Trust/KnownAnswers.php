<?php

declare(strict_types=1);

namespace CrowdSky\Trust;

use CrowdSky\Base\Clock;
use CrowdSky\Base\Utc;
use CrowdSky\Database\Database;
use CrowdSky\Jobs\Claimant;
use CrowdSky\Jobs\Job;
use CrowdSky\Jobs\JobKind;
use CrowdSky\Jobs\JobStatus;
use CrowdSky\Jobs\JobStore;
use CrowdSky\Workers\TrustLevel;

/**
 * Now and then gives a volunteer a job whose result is known: a check, which is a copy of a completed job.
 */
final class KnownAnswers
{
    /** Number of latest stacks to choose from; raws of older ones are gone, or will be soon. */
    private const LATEST = 200;

    /** Columns that a check takes over from the job. */
    private const COPIED = [
        'user_id', 'upload_session_id', 'priority', 'chunk_key', 'chunk_key_hp', 'time_block', 'object_name', 'frame_count',
        'total_bytes', 'ra_deg', 'dec_deg', 'telescope', 'filter_name', 'fits_exptime', 'eq_mode', 'header_clock', 'max_attempts',
    ];

    /**
     * @param int $every one claim of a volunteer in this many gets a check; 0 means none
     * @param \Closure(): float $random a number from 0 up to, but not including, 1
     */
    public function __construct(
        private readonly Database $database,
        private readonly JobStore $jobs,
        private readonly Clock $clock,
        private readonly int $graceHours,
        private readonly int $every,
        private readonly \Closure $random,
    ) {
    }

    /**
     * Draws whether a claim gets a check, and adds the check to the queue. Call it in the transaction that leases the
     * job, so that nobody sees it wait.
     *
     * @return Job|null null when none was drawn, or no job is suitable
     */
    public function draw(Claimant $claimant): ?Job
    {
        $isDrawn = $this->every > 0 && $claimant->level === TrustLevel::Volunteer && ($this->random)() * $this->every < 1.0;
        if (!$isDrawn || !in_array(JobKind::Stack, $claimant->kinds, true)) {
            return null;
        }
        $suitable = $this->suitable($claimant);
        return $suitable === [] ? null : $this->copy($suitable[(int) (($this->random)() * count($suitable))]);
    }

    /**
     * Finds jobs whose result is reliable, whose frames stay for a while, and of which neither the key nor its user has
     * made a result before. The worker's name does not count, since a worker can choose any.
     *
     * @return list<int> job ids
     */
    private function suitable(Claimant $claimant): array
    {
        $rows = $this->database->all(
            'SELECT j.id FROM (SELECT id, job_id FROM stacked_frames ORDER BY id DESC LIMIT ' . self::LATEST . ') s
               JOIN stacking_jobs j ON j.id = s.job_id JOIN api_keys k ON k.id = j.api_key_id
              WHERE j.status = :completed AND j.kind = :kind AND k.quarantined_at IS NULL
                AND (k.scopes NOT LIKE :volunteer
                     OR EXISTS (SELECT 1 FROM held_results h WHERE h.job_id = j.id AND h.state = :agreed))
                AND NOT EXISTS (SELECT 1 FROM held_results h WHERE h.job_id = j.id AND h.state = :published)
                AND k.id <> :made_by AND COALESCE(k.user_id = :made_by_user, 0) = 0 AND COALESCE(j.user_id = :owner, 0) = 0
                AND NOT EXISTS (SELECT 1 FROM held_results h JOIN api_keys a ON a.id = h.api_key_id
                                 WHERE h.job_id = j.id AND (a.id = :held_by OR a.user_id = :held_by_user))
                AND NOT EXISTS (SELECT 1 FROM stacking_jobs c JOIN api_keys a ON a.id = c.api_key_id
                                 WHERE c.checks_job_id = j.id AND (a.id = :checked_by OR a.user_id = :checked_by_user))
                AND j.frame_count = (SELECT COUNT(*) FROM raw_files r
                                      WHERE r.job_id = j.id AND r.deleted_at IS NULL AND r.delete_due_at IS NOT NULL)
                AND j.completed_at > :since AND (j.header_clock IS NULL OR :reads_clocks = 1)
              ORDER BY j.id',
            [
                'completed' => JobStatus::Completed->value,
                'kind' => JobKind::Stack->value,
                'volunteer' => '%' . TrustLevel::Volunteer->value . '%',
                'agreed' => HeldState::Agreed->value,
                'published' => HeldState::Published->value,
                'made_by' => $claimant->apiKeyId,
                'made_by_user' => $claimant->userId,
                'owner' => $claimant->userId,
                'held_by' => $claimant->apiKeyId,
                'held_by_user' => $claimant->userId,
                'checked_by' => $claimant->apiKeyId,
                'checked_by_user' => $claimant->userId,
                'reads_clocks' => (int) $claimant->readsClocks,
                'since' => Utc::storedBefore($this->clock->now(), 3600 * $this->graceHours),
            ],
        );
        return array_map('intval', array_column($rows, 'id'));
    }

    private function copy(int $jobId): ?Job
    {
        // Written first: cleanup writes this row too before it deletes the frames.
        $this->database->execute('UPDATE stacking_jobs SET status = status WHERE id = ?', [$jobId]);
        $row = $this->database->one(
            'SELECT * FROM stacking_jobs j WHERE id = ? AND status = ?
                AND frame_count = (SELECT COUNT(*) FROM raw_files r WHERE r.job_id = j.id AND r.deleted_at IS NULL)',
            [$jobId, JobStatus::Completed->value],
        );
        if ($row === null) {
            return null;
        }
        $now = Utc::stored($this->clock->now());
        $copyId = $this->database->insert('stacking_jobs', array_intersect_key($row, array_flip(self::COPIED)) + [
            'kind' => JobKind::Check->value,
            'checks_job_id' => $jobId,
            'group_key' => 'check-' . bin2hex(random_bytes(16)),
            'status' => JobStatus::Pending->value,
            'created_at' => $now,
            'updated_at' => $now,
        ]);
        return $this->jobs->get($copyId);
    }
}
