-- Whether a file is no raw sub but a finished stack, which a job of the kind uploaded takes into the archive.
ALTER TABLE raw_files ADD COLUMN is_stack INTEGER NOT NULL DEFAULT 0;
