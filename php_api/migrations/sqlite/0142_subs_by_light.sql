-- Finds the same sub in the uploads of all accounts: by its bytes, and by its pixels.
CREATE INDEX IF NOT EXISTS raw_files_sha256 ON raw_files (sha256);
CREATE INDEX IF NOT EXISTS raw_files_pixels ON raw_files (pixel_mark);
