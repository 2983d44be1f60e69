-- Whether the noise of the pixels was smoothed (card SMOOTHED). It was in every stack made before that card existed.
-- The rules of public copies know the parts and cards of the noise now: hashes by the older rules are computed anew.
ALTER TABLE stacked_frames ADD COLUMN is_smoothed INTEGER NOT NULL DEFAULT 1;
UPDATE raw_files SET public_sha256 = NULL, public_bytes = NULL;
