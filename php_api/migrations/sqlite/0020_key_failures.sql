-- Calls with a key that is not valid, for throttling by address; failed_at is unix milliseconds.
CREATE TABLE IF NOT EXISTS key_failures (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    remote_addr TEXT NOT NULL,
    failed_at INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS key_failures_address ON key_failures (remote_addr, failed_at);
CREATE INDEX IF NOT EXISTS key_failures_time ON key_failures (failed_at);
