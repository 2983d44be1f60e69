-- Runs of jobs: who took one, when, and how it ended (the word of job_events; NULL while it runs). Checks are not among them.
-- waited_seconds is the time for which the job could have been taken; frames_used is that of a stack made of subs. stages is
-- JSON as in stacking_jobs.stage_times, NULL while it runs and where that is not known. There is no foreign key: like
-- the audit trail, runs outlive a deleted job. Runs before this migration are known by their last one.
CREATE TABLE IF NOT EXISTS job_runs (
    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    job_id BIGINT UNSIGNED NOT NULL,
    kind VARCHAR(16) NOT NULL,
    attempt INT NOT NULL,
    api_key_id BIGINT UNSIGNED NULL,
    worker_name VARCHAR(64) NULL,
    waited_seconds BIGINT NULL,
    claimed_at DATETIME NOT NULL,
    ended_at DATETIME NULL,
    seconds BIGINT NULL,
    outcome VARCHAR(40) NULL,
    frames_used INT NULL,
    stages TEXT NULL,
    KEY job_runs_job (job_id, id),
    KEY job_runs_ended (ended_at, kind, outcome, seconds, frames_used, api_key_id, worker_name),
    KEY job_runs_claimed (claimed_at, waited_seconds),
    KEY job_runs_worker (api_key_id, worker_name, outcome, ended_at)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;
INSERT INTO job_runs (job_id, kind, attempt, api_key_id, worker_name, claimed_at, ended_at, seconds, outcome, frames_used)
    SELECT j.id, j.kind, j.attempts, j.api_key_id, j.worker_name, j.started_at, j.completed_at,
           GREATEST(0, TIMESTAMPDIFF(SECOND, j.started_at, j.completed_at)),
           CASE j.status WHEN 'completed' THEN 'completed' ELSE 'fail, given up' END,
           CASE j.kind WHEN 'stack' THEN s.n_frames_aligned END
      FROM stacking_jobs j LEFT JOIN stacked_frames s ON s.job_id = j.id
     WHERE j.status IN ('completed', 'failed') AND j.kind <> 'check' AND j.started_at IS NOT NULL AND j.completed_at IS NOT NULL
       AND NOT EXISTS (SELECT 1 FROM job_runs r WHERE r.job_id = j.id);
