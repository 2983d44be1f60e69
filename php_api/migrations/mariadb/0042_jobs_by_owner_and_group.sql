-- Finalize looks up the jobs of an owner by the key of their frames, once for each key in the upload.
CREATE INDEX IF NOT EXISTS stacking_jobs_owner_group ON stacking_jobs (user_id, group_key);
