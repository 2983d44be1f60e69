-- Requests for mails, for limiting them; the mailbox is the SHA-256 of the address; requested_at is unix milliseconds.
CREATE TABLE IF NOT EXISTS mail_requests (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    mailbox TEXT NOT NULL,
    remote_addr TEXT NOT NULL,
    requested_at INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS mail_requests_mailbox ON mail_requests (mailbox, requested_at);
CREATE INDEX IF NOT EXISTS mail_requests_address ON mail_requests (remote_addr, requested_at);
