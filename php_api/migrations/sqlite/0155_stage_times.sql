-- When each stage of a job's present or last run began, as JSON; used to estimate how long the steps of another run take.
ALTER TABLE stacking_jobs ADD COLUMN stage_times TEXT NULL;
