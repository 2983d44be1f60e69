-- Codes that stand in for a second factor, once each. Only the SHA-256 of a code is kept.
CREATE TABLE IF NOT EXISTS recovery_codes (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    code_hash TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS recovery_codes_user ON recovery_codes (user_id, code_hash);
