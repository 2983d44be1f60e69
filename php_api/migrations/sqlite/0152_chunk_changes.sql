-- Chunks that an admin has merged or split. former is JSON: what the jobs and their subs were before; NULL where that cannot
-- be brought back.
CREATE TABLE IF NOT EXISTS chunk_changes (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    job_id INTEGER NOT NULL REFERENCES stacking_jobs (id) ON DELETE CASCADE,
    other_jobs TEXT NOT NULL,
    actor TEXT NOT NULL,
    former TEXT NULL,
    created_at TEXT NOT NULL,
    undone_at TEXT NULL
);
CREATE INDEX IF NOT EXISTS chunk_changes_job ON chunk_changes (job_id, id);
CREATE INDEX IF NOT EXISTS chunk_changes_user ON chunk_changes (user_id, id);
