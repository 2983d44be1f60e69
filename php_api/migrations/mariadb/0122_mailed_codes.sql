-- Codes that were sent by mail: to set a new password, or to confirm an address. Only the SHA-256 of a code is kept.
CREATE TABLE IF NOT EXISTS mailed_codes (
    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    user_id BIGINT UNSIGNED NOT NULL,
    purpose VARCHAR(16) NOT NULL,
    email VARCHAR(254) NULL,
    code_hash CHAR(64) NOT NULL,
    created_at DATETIME NOT NULL,
    expires_at DATETIME NOT NULL,
    UNIQUE KEY mailed_codes_hash (code_hash),
    KEY mailed_codes_user (user_id, purpose),
    CONSTRAINT mailed_codes_of_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;
