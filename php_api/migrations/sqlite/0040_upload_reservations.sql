-- Room that uploads under way have been promised, for users with a quota; expires_at is unix milliseconds.
CREATE TABLE IF NOT EXISTS upload_reservations (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    bytes INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS upload_reservations_user ON upload_reservations (user_id);
