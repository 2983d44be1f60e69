-- What each cleanup read from the clocks, in Unix seconds: a clock that is wrong for a while must not delete by age.
-- proven_seconds grows by the time that has certainly passed between two runs; doubt says why a run deleted nothing.
CREATE TABLE IF NOT EXISTS cleanup_runs (
    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    wall BIGINT NOT NULL,
    boot_id VARCHAR(64) NULL,
    uptime BIGINT NULL,
    database_offset BIGINT NOT NULL,
    disk_offset BIGINT NOT NULL,
    accepted_database_offset BIGINT NOT NULL,
    accepted_disk_offset BIGINT NOT NULL,
    proven_seconds BIGINT NOT NULL,
    doubt VARCHAR(500) NULL
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;
