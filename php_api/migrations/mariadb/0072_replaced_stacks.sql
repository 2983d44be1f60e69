-- Whether the result of a job takes the place of a stack that is intact, because its owner wants that.
ALTER TABLE stacking_jobs ADD COLUMN IF NOT EXISTS replaces_stack TINYINT NOT NULL DEFAULT 0;
