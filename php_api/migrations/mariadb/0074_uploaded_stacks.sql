-- Whether a file is no raw sub but a finished stack, which a job of the kind uploaded takes into the archive.
ALTER TABLE raw_files ADD COLUMN IF NOT EXISTS is_stack TINYINT NOT NULL DEFAULT 0;
