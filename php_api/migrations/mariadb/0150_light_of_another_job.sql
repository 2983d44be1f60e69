-- The job whose stack has the light of a sub until the stack of the sub's own job has it: chunks that were merged or split by
-- hand keep their stacks until the new ones are there.
ALTER TABLE raw_files ADD COLUMN IF NOT EXISTS light_job_id BIGINT UNSIGNED NULL;
CREATE INDEX IF NOT EXISTS raw_files_light ON raw_files (light_job_id);
ALTER TABLE raw_files
    ADD CONSTRAINT FOREIGN KEY IF NOT EXISTS raw_files_light_of (light_job_id) REFERENCES stacking_jobs (id) ON DELETE SET NULL;
