-- Finalize looks up the jobs of an owner by their block of time, and no longer by the key of their frames.
CREATE INDEX IF NOT EXISTS stacking_jobs_owner_block ON stacking_jobs (user_id, time_block);
DROP INDEX IF EXISTS stacking_jobs_owner_group ON stacking_jobs;
