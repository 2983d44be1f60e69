-- Whether the result of a job takes the place of a stack that is intact, because its owner wants that.
ALTER TABLE stacking_jobs ADD COLUMN replaces_stack INTEGER NOT NULL DEFAULT 0;
