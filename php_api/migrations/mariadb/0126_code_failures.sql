-- Wrong codes of second factors, for limiting guesses; failed_at is unix milliseconds.
CREATE TABLE IF NOT EXISTS code_failures (
    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    user_id BIGINT UNSIGNED NOT NULL,
    remote_addr VARCHAR(45) NOT NULL,
    failed_at BIGINT NOT NULL,
    KEY code_failures_user (user_id, failed_at)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;
