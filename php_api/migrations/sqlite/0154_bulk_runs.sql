-- What an admin does with many jobs or stacks at once, in pieces. ids is a list with commas, done the number of those that were
-- looked at; state is what a job must still be, where it was chosen by that. reasons is JSON: why others stay as they are.
CREATE TABLE IF NOT EXISTS bulk_runs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    action TEXT NOT NULL,
    options TEXT NOT NULL,
    state TEXT NULL,
    ids TEXT NOT NULL,
    total INTEGER NOT NULL,
    done INTEGER NOT NULL DEFAULT 0,
    changed INTEGER NOT NULL DEFAULT 0,
    reasons TEXT NOT NULL,
    return_to TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS bulk_runs_user ON bulk_runs (user_id, id);
