-- Logins of browsers, as their users see and end them. A session file names its row; without the row it is worth nothing.
CREATE TABLE IF NOT EXISTS logins (
    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    user_id BIGINT UNSIGNED NOT NULL,
    device VARCHAR(80) NOT NULL,
    created_at DATETIME NOT NULL,
    last_seen_at DATETIME NOT NULL,
    last_ip VARCHAR(45) NOT NULL,
    KEY logins_user (user_id, id),
    CONSTRAINT logins_of_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;
