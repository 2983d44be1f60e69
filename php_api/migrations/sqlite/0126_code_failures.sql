-- Wrong codes of second factors, for limiting guesses; failed_at is unix milliseconds.
CREATE TABLE IF NOT EXISTS code_failures (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id INTEGER NOT NULL,
    remote_addr TEXT NOT NULL,
    failed_at INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS code_failures_user ON code_failures (user_id, failed_at);
