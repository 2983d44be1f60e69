-- Subs that stackers left out of stacks, by cause (Results/RejectionCauses), since this migration.
CREATE TABLE IF NOT EXISTS rejected_subs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    job_id INTEGER NOT NULL,
    at TEXT NOT NULL,
    cause TEXT NOT NULL,
    n INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS rejected_subs_at ON rejected_subs (at, cause, n);
