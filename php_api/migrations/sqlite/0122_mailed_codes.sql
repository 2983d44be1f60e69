-- Codes that were sent by mail: to set a new password, or to confirm an address. Only the SHA-256 of a code is kept.
CREATE TABLE IF NOT EXISTS mailed_codes (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    purpose TEXT NOT NULL,
    email TEXT NULL,
    code_hash TEXT NOT NULL UNIQUE,
    created_at TEXT NOT NULL,
    expires_at TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS mailed_codes_user ON mailed_codes (user_id, purpose);
