-- One batch of raw frames on its way in: uploading, complete, failed or expired.
CREATE TABLE IF NOT EXISTS upload_sessions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id INTEGER NOT NULL REFERENCES users (id),
    session_token TEXT NOT NULL UNIQUE,
    status TEXT NOT NULL DEFAULT 'uploading',
    created_at TEXT NOT NULL,
    last_activity_at TEXT NOT NULL,
    finalized_at TEXT NULL
);
CREATE INDEX IF NOT EXISTS upload_sessions_user ON upload_sessions (user_id, id);
CREATE INDEX IF NOT EXISTS upload_sessions_activity ON upload_sessions (status, last_activity_at);
