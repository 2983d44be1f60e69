-- The job whose raw frames this one works on as well, to make a series of them; their job's own frames stay until it ends.
ALTER TABLE stacking_jobs ADD COLUMN IF NOT EXISTS frames_job_id BIGINT UNSIGNED NULL;
CREATE INDEX IF NOT EXISTS stacking_jobs_frames ON stacking_jobs (frames_job_id, status);
ALTER TABLE stacking_jobs
    ADD CONSTRAINT FOREIGN KEY IF NOT EXISTS stacking_jobs_frames_of (frames_job_id) REFERENCES stacking_jobs (id) ON DELETE CASCADE;
