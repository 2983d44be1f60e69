-- Accounts registered by visitors, for limiting them by address; registered_at is unix milliseconds.
CREATE TABLE IF NOT EXISTS registrations (
    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    remote_addr VARCHAR(45) NOT NULL,
    registered_at BIGINT NOT NULL,
    KEY registrations_address (remote_addr, registered_at),
    KEY registrations_time (registered_at)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;
