-- Time zones of telescopes that write local time, as their owners say.
CREATE TABLE IF NOT EXISTS telescope_zones (
    user_id BIGINT UNSIGNED NOT NULL,
    telescope VARCHAR(80) NOT NULL,
    time_zone VARCHAR(64) NOT NULL,
    PRIMARY KEY (user_id, telescope),
    CONSTRAINT telescope_zones_owner FOREIGN KEY (user_id) REFERENCES users (id)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;
