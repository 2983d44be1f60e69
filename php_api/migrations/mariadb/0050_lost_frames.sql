-- When a frame was found to be in no file any more: its stack was lost, and another was made without it. NULL for others.
ALTER TABLE raw_files ADD COLUMN IF NOT EXISTS lost_at DATETIME NULL;
