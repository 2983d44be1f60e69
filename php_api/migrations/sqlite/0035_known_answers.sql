-- Jobs of the kind check: a copy of a completed job, given to one volunteer whose result is only compared. The row goes
-- with the job that it checks.
ALTER TABLE stacking_jobs ADD COLUMN checks_job_id INTEGER NULL REFERENCES stacking_jobs (id) ON DELETE CASCADE;
CREATE INDEX IF NOT EXISTS stacking_jobs_checks ON stacking_jobs (checks_job_id, status);
