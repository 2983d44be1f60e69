-- Users who want to lend a computer, and the worker key that each of them made once an admin, or the site, had granted it.
CREATE TABLE IF NOT EXISTS volunteer_keys (
    user_id BIGINT UNSIGNED NOT NULL PRIMARY KEY,
    state VARCHAR(16) CHARACTER SET ascii NOT NULL,
    note VARCHAR(500) NOT NULL,
    asked_at VARCHAR(32) CHARACTER SET ascii NOT NULL,
    decided_at VARCHAR(32) CHARACTER SET ascii NULL,
    api_key_id BIGINT UNSIGNED NULL,
    KEY volunteer_keys_state (state, asked_at),
    CONSTRAINT volunteer_keys_of_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT volunteer_keys_made FOREIGN KEY (api_key_id) REFERENCES api_keys (id) ON DELETE SET NULL
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;
