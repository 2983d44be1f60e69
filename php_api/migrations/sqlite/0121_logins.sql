-- Logins of browsers, as their users see and end them. A session file names its row; without the row it is worth nothing.
CREATE TABLE IF NOT EXISTS logins (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    device TEXT NOT NULL,
    created_at TEXT NOT NULL,
    last_seen_at TEXT NOT NULL,
    last_ip TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS logins_user ON logins (user_id, id);
