-- merged_into_id: the job that has the subs of this one since chunks were merged by hand. after_job_id: the job whose new stack
-- has to be there first, because its present one still has the light of this job's subs.
ALTER TABLE stacking_jobs ADD COLUMN merged_into_id INTEGER NULL REFERENCES stacking_jobs (id) ON DELETE SET NULL;
ALTER TABLE stacking_jobs ADD COLUMN after_job_id INTEGER NULL REFERENCES stacking_jobs (id) ON DELETE SET NULL;
CREATE INDEX IF NOT EXISTS stacking_jobs_merged ON stacking_jobs (merged_into_id);
CREATE INDEX IF NOT EXISTS stacking_jobs_after ON stacking_jobs (after_job_id);
