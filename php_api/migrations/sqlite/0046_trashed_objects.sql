-- Files in storage that were moved to trash instead of being deleted, because they may be the only copy of a stack.
CREATE TABLE IF NOT EXISTS trashed_objects (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    path TEXT NOT NULL UNIQUE,
    trash_path TEXT NOT NULL UNIQUE,
    reason TEXT NOT NULL,
    trashed_at TEXT NOT NULL
);
