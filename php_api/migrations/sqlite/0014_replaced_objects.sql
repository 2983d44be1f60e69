-- Files in storage that a rescan has replaced. cleanup deletes them once delete_due_at has passed and the stack that
-- took their place has been read back.
CREATE TABLE IF NOT EXISTS replaced_objects (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    stack_id INTEGER NOT NULL REFERENCES stacked_frames (id) ON DELETE CASCADE,
    path TEXT NOT NULL,
    delete_due_at TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS replaced_objects_stack ON replaced_objects (stack_id);
