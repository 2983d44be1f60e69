-- Keys of workers and users. Only the SHA-256 of a key is kept; the hint is for people.
CREATE TABLE IF NOT EXISTS api_keys (
    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    kind VARCHAR(16) NOT NULL,
    user_id BIGINT UNSIGNED NULL,
    name VARCHAR(64) NOT NULL,
    key_hash CHAR(64) NOT NULL,
    key_hint VARCHAR(16) NOT NULL,
    scopes VARCHAR(255) NOT NULL,
    created_at DATETIME NOT NULL,
    last_used_at DATETIME NULL,
    last_ip VARCHAR(45) NULL,
    expires_at DATETIME NULL,
    revoked_at DATETIME NULL,
    UNIQUE KEY api_keys_hash (key_hash),
    CONSTRAINT api_keys_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;
