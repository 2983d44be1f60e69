-- Jobs of the kind rescan solve the stack stack_id again; options is JSON. The second index serves finalize, which
-- looks for jobs of the same group.
ALTER TABLE stacking_jobs ADD COLUMN stack_id INTEGER NULL;
ALTER TABLE stacking_jobs ADD COLUMN options TEXT NULL;
CREATE INDEX IF NOT EXISTS stacking_jobs_stack ON stacking_jobs (stack_id, id);
CREATE INDEX IF NOT EXISTS stacking_jobs_user_group ON stacking_jobs (user_id, group_key);
