-- Jobs of the kind check: a copy of a completed job, given to one volunteer whose result is only compared. The row goes
-- with the job that it checks.
ALTER TABLE stacking_jobs ADD COLUMN IF NOT EXISTS checks_job_id BIGINT UNSIGNED NULL;
CREATE INDEX IF NOT EXISTS stacking_jobs_checks ON stacking_jobs (checks_job_id, status);
ALTER TABLE stacking_jobs
    ADD CONSTRAINT FOREIGN KEY IF NOT EXISTS stacking_jobs_checked (checks_job_id) REFERENCES stacking_jobs (id) ON DELETE CASCADE;
