-- Length of the public copy of a raw frame. The rules of the copies are new, and so is what a stack's header may tell:
-- both are looked up again.
ALTER TABLE raw_files ADD COLUMN IF NOT EXISTS public_bytes BIGINT NULL;
UPDATE raw_files SET public_sha256 = NULL;
UPDATE stacked_frames SET tells_position = NULL;
