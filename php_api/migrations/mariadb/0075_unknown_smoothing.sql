-- Whether is_smoothed is known. Of uploaded stacks it is not, and is_smoothed is 1 for those who do not look here.
ALTER TABLE stacked_frames ADD COLUMN IF NOT EXISTS smoothing_known TINYINT NOT NULL DEFAULT 1;
