-- What was chosen for a stack alone: inherit (its owner's setting counts), public or private.
ALTER TABLE stacked_frames ADD COLUMN IF NOT EXISTS visibility VARCHAR(8) NOT NULL DEFAULT 'inherit';
