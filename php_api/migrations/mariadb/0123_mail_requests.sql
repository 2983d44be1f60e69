-- Requests for mails, for limiting them; the mailbox is the SHA-256 of the address; requested_at is unix milliseconds.
CREATE TABLE IF NOT EXISTS mail_requests (
    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    mailbox CHAR(64) NOT NULL,
    remote_addr VARCHAR(45) NOT NULL,
    requested_at BIGINT NOT NULL,
    KEY mail_requests_mailbox (mailbox, requested_at),
    KEY mail_requests_address (remote_addr, requested_at)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;
