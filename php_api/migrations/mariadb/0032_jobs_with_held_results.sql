-- Results of the job that wait for a second opinion: 0 for nearly all jobs, so that a claim rarely has to look at them.
ALTER TABLE stacking_jobs ADD COLUMN IF NOT EXISTS n_held INT NOT NULL DEFAULT 0;
