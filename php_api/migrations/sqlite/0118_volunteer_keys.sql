-- Users who want to lend a computer, and the worker key that each of them made once an admin, or the site, had granted it.
CREATE TABLE IF NOT EXISTS volunteer_keys (
    user_id INTEGER PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    state TEXT NOT NULL,
    note TEXT NOT NULL,
    asked_at TEXT NOT NULL,
    decided_at TEXT NULL,
    api_key_id INTEGER NULL REFERENCES api_keys (id) ON DELETE SET NULL
);
CREATE INDEX IF NOT EXISTS volunteer_keys_state ON volunteer_keys (state, asked_at);
