-- Stars for which somebody asked for a search for periods. Each later calibration of their fields searches them.
CREATE TABLE IF NOT EXISTS period_requests (
    star_id BIGINT UNSIGNED NOT NULL PRIMARY KEY,
    asked_at VARCHAR(32) CHARACTER SET ascii NOT NULL,
    CONSTRAINT period_requests_of_star FOREIGN KEY (star_id) REFERENCES stars (id) ON DELETE CASCADE
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;
