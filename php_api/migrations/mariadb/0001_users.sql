-- Accounts of the web site and of the user API.
-- The two names compare without case and without padding, as NOCASE does in SQLite.
CREATE TABLE IF NOT EXISTS users (
    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    username VARCHAR(64) COLLATE utf8mb4_general_nopad_ci NOT NULL,
    email VARCHAR(254) COLLATE utf8mb4_general_nopad_ci NULL,
    password_hash VARCHAR(255) NOT NULL,
    role VARCHAR(16) NOT NULL DEFAULT 'user',
    is_active TINYINT NOT NULL DEFAULT 1,
    session_epoch INT NOT NULL DEFAULT 0,
    quota_bytes BIGINT NULL,
    created_at DATETIME NOT NULL,
    last_login_at DATETIME NULL,
    UNIQUE KEY users_username (username),
    UNIQUE KEY users_email (email)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;
