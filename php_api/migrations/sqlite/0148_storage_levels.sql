-- How full the site was at each cleanup, in bytes: subs kept, archive as far as its sizes are known, free on the disk of the
-- data folder (NULL where that could not be found out).
CREATE TABLE IF NOT EXISTS storage_levels (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at TEXT NOT NULL,
    raw_bytes INTEGER NOT NULL,
    archive_bytes INTEGER NOT NULL,
    free_bytes INTEGER NULL
);
CREATE INDEX IF NOT EXISTS storage_levels_at ON storage_levels (at, raw_bytes, archive_bytes, free_bytes);
