-- The archive: one row per completed job, written together with its last change of state.
CREATE TABLE IF NOT EXISTS stacked_frames (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    job_id INTEGER NOT NULL UNIQUE REFERENCES stacking_jobs (id) ON DELETE CASCADE,
    user_id INTEGER NOT NULL REFERENCES users (id),
    chunk_key TEXT NOT NULL,
    chunk_key_hp TEXT NOT NULL,
    object_name TEXT NULL,
    ucloud_path TEXT NOT NULL,
    thumbnail_path TEXT NULL,
    file_size_bytes INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    n_frames_input INTEGER NOT NULL,
    n_frames_aligned INTEGER NOT NULL,
    total_exptime REAL NULL,
    date_obs_start TEXT NULL,
    date_obs_end TEXT NULL,
    ra_deg REAL NULL,
    dec_deg REAL NULL,
    n_stars_detected INTEGER NULL,
    telescope TEXT NULL,
    filter_name TEXT NULL,
    eq_mode INTEGER NULL,
    engine TEXT NULL,
    notes TEXT NULL,
    worker_name TEXT NULL,
    created_at TEXT NOT NULL,
    verified_at TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS stacked_frames_user ON stacked_frames (user_id, date_obs_start);
CREATE INDEX IF NOT EXISTS stacked_frames_chunk ON stacked_frames (chunk_key);
CREATE INDEX IF NOT EXISTS stacked_frames_chunk_hp ON stacked_frames (chunk_key_hp);
