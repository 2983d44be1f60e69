-- Uploaded raw frames. storage_name is the server-made name; it becomes NULL once the file is gone from disk.
-- deleted_at is set first, the file is unlinked after that commit: a crash in between leaves work for the next cleanup.
CREATE TABLE IF NOT EXISTS raw_files (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    upload_session_id INTEGER NOT NULL REFERENCES upload_sessions (id),
    user_id INTEGER NOT NULL REFERENCES users (id),
    job_id INTEGER NULL REFERENCES stacking_jobs (id) ON DELETE SET NULL,
    filename TEXT NOT NULL,
    storage_name TEXT NULL UNIQUE,
    file_size_bytes INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    chunk_key TEXT NULL,
    chunk_key_hp TEXT NULL,
    time_block TEXT NULL,
    fits_date_obs TEXT NULL,
    fits_exptime REAL NULL,
    fits_ra REAL NULL,
    fits_dec REAL NULL,
    fits_object TEXT NULL,
    telescope TEXT NULL,
    instrument TEXT NULL,
    filter_name TEXT NULL,
    naxis1 INTEGER NULL,
    naxis2 INTEGER NULL,
    bitpix INTEGER NULL,
    bayer_pattern TEXT NULL,
    eq_mode INTEGER NULL,
    gain REAL NULL,
    created_at TEXT NOT NULL,
    delete_due_at TEXT NULL,
    deleted_at TEXT NULL
);
CREATE INDEX IF NOT EXISTS raw_files_session ON raw_files (upload_session_id, id);
CREATE INDEX IF NOT EXISTS raw_files_job ON raw_files (job_id, fits_date_obs, id);
CREATE INDEX IF NOT EXISTS raw_files_due ON raw_files (deleted_at, delete_due_at);
CREATE INDEX IF NOT EXISTS raw_files_user ON raw_files (user_id, sha256);
