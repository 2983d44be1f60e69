-- One batch of raw frames on its way in: uploading, complete, failed or expired.
CREATE TABLE IF NOT EXISTS upload_sessions (
    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    user_id BIGINT UNSIGNED NOT NULL,
    session_token CHAR(32) NOT NULL,
    status VARCHAR(16) NOT NULL DEFAULT 'uploading',
    created_at DATETIME NOT NULL,
    last_activity_at DATETIME NOT NULL,
    finalized_at DATETIME NULL,
    UNIQUE KEY upload_sessions_token (session_token),
    KEY upload_sessions_user (user_id, id),
    KEY upload_sessions_activity (status, last_activity_at),
    CONSTRAINT upload_sessions_owner FOREIGN KEY (user_id) REFERENCES users (id)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;
