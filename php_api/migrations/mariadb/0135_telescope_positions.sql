-- Whether the position of a telescope may be read by everybody who works on its subs; without a row the account decides.
CREATE TABLE IF NOT EXISTS telescope_positions (
    user_id BIGINT UNSIGNED NOT NULL,
    telescope VARCHAR(80) NOT NULL,
    is_shared TINYINT NOT NULL,
    PRIMARY KEY (user_id, telescope),
    CONSTRAINT telescope_positions_owner FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;
