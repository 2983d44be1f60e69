-- The job whose raw frames this one works on as well, to make a series of them; their job's own frames stay until it ends.
ALTER TABLE stacking_jobs ADD COLUMN frames_job_id INTEGER NULL REFERENCES stacking_jobs (id) ON DELETE CASCADE;
CREATE INDEX IF NOT EXISTS stacking_jobs_frames ON stacking_jobs (frames_job_id, status);
