-- Runs of jobs: who took one, when, and how it ended (the word of job_events; NULL while it runs). Checks are not among them.
-- waited_seconds is the time for which the job could have been taken; frames_used is that of a stack made of subs. stages is
-- JSON as in stacking_jobs.stage_times, NULL while it runs and where that is not known. There is no foreign key: like
-- the audit trail, runs outlive a deleted job. Runs before this migration are known by their last one.
CREATE TABLE IF NOT EXISTS job_runs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    job_id INTEGER NOT NULL,
    kind TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    api_key_id INTEGER NULL,
    worker_name TEXT NULL,
    waited_seconds INTEGER NULL,
    claimed_at TEXT NOT NULL,
    ended_at TEXT NULL,
    seconds INTEGER NULL,
    outcome TEXT NULL,
    frames_used INTEGER NULL,
    stages TEXT NULL
);
CREATE INDEX IF NOT EXISTS job_runs_job ON job_runs (job_id, id);
CREATE INDEX IF NOT EXISTS job_runs_ended ON job_runs (ended_at, kind, outcome, seconds, frames_used, api_key_id, worker_name);
CREATE INDEX IF NOT EXISTS job_runs_claimed ON job_runs (claimed_at, waited_seconds);
CREATE INDEX IF NOT EXISTS job_runs_worker ON job_runs (api_key_id, worker_name, outcome, ended_at);
INSERT INTO job_runs (job_id, kind, attempt, api_key_id, worker_name, claimed_at, ended_at, seconds, outcome, frames_used)
    SELECT j.id, j.kind, j.attempts, j.api_key_id, j.worker_name, j.started_at, j.completed_at,
           MAX(0, CAST(strftime('%s', j.completed_at) AS INTEGER) - CAST(strftime('%s', j.started_at) AS INTEGER)),
           CASE j.status WHEN 'completed' THEN 'completed' ELSE 'fail, given up' END,
           CASE j.kind WHEN 'stack' THEN s.n_frames_aligned END
      FROM stacking_jobs j LEFT JOIN stacked_frames s ON s.job_id = j.id
     WHERE j.status IN ('completed', 'failed') AND j.kind <> 'check' AND j.started_at IS NOT NULL AND j.completed_at IS NOT NULL
       AND NOT EXISTS (SELECT 1 FROM job_runs r WHERE r.job_id = j.id);
