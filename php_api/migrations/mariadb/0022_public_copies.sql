-- SHA-256 of a raw frame without the cards that tell where it was taken; made when a volunteer first asks for it.
ALTER TABLE raw_files ADD COLUMN IF NOT EXISTS public_sha256 CHAR(64) NULL;
