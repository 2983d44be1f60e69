-- Series of shorter stacks of the subs of a stack, one of each length. path is that of the last run that has stored one;
-- sha256, file_size_bytes and n_parts are null until it is proven. verified_at is null until it
-- is read back once more.
CREATE TABLE IF NOT EXISTS series (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    stack_id INTEGER NOT NULL REFERENCES stacked_frames (id) ON DELETE CASCADE,
    seconds INTEGER NOT NULL,
    job_id INTEGER NOT NULL,
    path TEXT NULL,
    sha256 TEXT NULL,
    file_size_bytes INTEGER NULL,
    n_parts INTEGER NULL,
    created_at TEXT NOT NULL,
    completed_at TEXT NULL,
    verified_at TEXT NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS series_of_stack ON series (stack_id, seconds);
CREATE INDEX IF NOT EXISTS series_job ON series (job_id);
