-- How full the site was at each cleanup, in bytes: subs kept, archive as far as its sizes are known, free on the disk of the
-- data folder (NULL where that could not be found out).
CREATE TABLE IF NOT EXISTS storage_levels (
    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    at DATETIME NOT NULL,
    raw_bytes BIGINT NOT NULL,
    archive_bytes BIGINT NOT NULL,
    free_bytes BIGINT NULL,
    KEY storage_levels_at (at, raw_bytes, archive_bytes, free_bytes)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;
