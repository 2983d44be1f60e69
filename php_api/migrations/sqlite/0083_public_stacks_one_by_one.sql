-- What was chosen for a stack alone: inherit (its owner's setting counts), public or private.
ALTER TABLE stacked_frames ADD COLUMN visibility TEXT NOT NULL DEFAULT 'inherit';
