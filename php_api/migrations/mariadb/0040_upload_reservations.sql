-- Room that uploads under way have been promised, for users with a quota; expires_at is unix milliseconds.
CREATE TABLE IF NOT EXISTS upload_reservations (
    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    user_id BIGINT UNSIGNED NOT NULL,
    bytes BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    KEY upload_reservations_user (user_id),
    CONSTRAINT upload_reservations_owner FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;
