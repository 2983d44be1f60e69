-- Accounts registered by visitors, for limiting them by address; registered_at is unix milliseconds.
CREATE TABLE IF NOT EXISTS registrations (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    remote_addr TEXT NOT NULL,
    registered_at INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS registrations_address ON registrations (remote_addr, registered_at);
CREATE INDEX IF NOT EXISTS registrations_time ON registrations (registered_at);
