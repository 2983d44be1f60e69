-- Stars that may be new: founded in epoch_id with this magnitude (green, or that of a monochrome sensor), where earlier and
-- deeper epochs saw nothing. Those are in new_source_epochs (0104).
CREATE TABLE IF NOT EXISTS new_sources (
    star_id BIGINT UNSIGNED NOT NULL PRIMARY KEY,
    epoch_id BIGINT UNSIGNED NOT NULL,
    mag DOUBLE NOT NULL,
    KEY new_sources_epoch (epoch_id),
    CONSTRAINT new_sources_of_star FOREIGN KEY (star_id) REFERENCES stars (id) ON DELETE CASCADE,
    CONSTRAINT new_sources_of_epoch FOREIGN KEY (epoch_id) REFERENCES epochs (id) ON DELETE CASCADE
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;
