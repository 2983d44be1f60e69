-- Second factors by time (TOTP). The secret is sealed with the server's secret; last_step is the last step of time whose
-- code was used.
CREATE TABLE IF NOT EXISTS second_factors (
    user_id BIGINT UNSIGNED NOT NULL PRIMARY KEY,
    sealed_secret VARCHAR(120) NOT NULL,
    last_step BIGINT NOT NULL DEFAULT 0,
    created_at DATETIME NOT NULL,
    confirmed_at DATETIME NULL,
    CONSTRAINT second_factors_of_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;
