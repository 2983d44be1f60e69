-- Ensemble calibrations of a field, by version. owner_id 0 is that of the public epochs; another one is that of all epochs
-- that this user sees. A published one never changes. sha256 is that of the file at path, sent_sha256 that of what the worker
-- sent, which the site completes. model is JSON, for people to read.
-- verified_at is null until the file is read back once more.
CREATE TABLE IF NOT EXISTS calibrations (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    field_id INTEGER NOT NULL REFERENCES sky_fields (id) ON DELETE CASCADE,
    owner_id INTEGER NOT NULL DEFAULT 0,
    version INTEGER NOT NULL,
    job_id INTEGER NOT NULL,
    fingerprint TEXT NOT NULL,
    path TEXT NOT NULL,
    file_size_bytes INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    sent_sha256 TEXT NOT NULL,
    catalogue TEXT NULL,
    n_epochs INTEGER NOT NULL,
    n_stars INTEGER NOT NULL,
    model TEXT NOT NULL,
    created_at TEXT NOT NULL,
    verified_at TEXT NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS calibrations_version ON calibrations (field_id, owner_id, version);
CREATE INDEX IF NOT EXISTS calibrations_job ON calibrations (job_id);
