-- Refused logins, for throttling by account and by address; failed_at is unix milliseconds.
CREATE TABLE IF NOT EXISTS login_failures (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    username TEXT NOT NULL COLLATE NOCASE,
    remote_addr TEXT NOT NULL,
    failed_at INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS login_failures_name ON login_failures (username, failed_at);
CREATE INDEX IF NOT EXISTS login_failures_address ON login_failures (remote_addr, failed_at);
