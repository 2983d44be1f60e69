-- Calls with a key that is not valid, for throttling by address; failed_at is unix milliseconds.
CREATE TABLE IF NOT EXISTS key_failures (
    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    remote_addr VARCHAR(45) NOT NULL,
    failed_at BIGINT NOT NULL,
    KEY key_failures_address (remote_addr, failed_at),
    KEY key_failures_time (failed_at)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;
