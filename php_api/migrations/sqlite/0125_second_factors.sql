-- Second factors by time (TOTP). The secret is sealed with the server's secret; last_step is the last step of time whose
-- code was used.
CREATE TABLE IF NOT EXISTS second_factors (
    user_id INTEGER NOT NULL PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    sealed_secret TEXT NOT NULL,
    last_step INTEGER NOT NULL DEFAULT 0,
    created_at TEXT NOT NULL,
    confirmed_at TEXT NULL
);
