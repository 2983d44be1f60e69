-- Refused logins, for throttling by account and by address; failed_at is unix milliseconds.
CREATE TABLE IF NOT EXISTS login_failures (
    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    username VARCHAR(64) COLLATE utf8mb4_general_nopad_ci NOT NULL,
    remote_addr VARCHAR(45) NOT NULL,
    failed_at BIGINT NOT NULL,
    KEY login_failures_name (username, failed_at),
    KEY login_failures_address (remote_addr, failed_at)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;
