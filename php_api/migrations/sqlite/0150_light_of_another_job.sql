-- The job whose stack has the light of a sub until the stack of the sub's own job has it: chunks that were merged or split by
-- hand keep their stacks until the new ones are there.
ALTER TABLE raw_files ADD COLUMN light_job_id INTEGER NULL REFERENCES stacking_jobs (id) ON DELETE SET NULL;
CREATE INDEX IF NOT EXISTS raw_files_light ON raw_files (light_job_id);
