-- The earlier and deeper epochs that did not see a star that may be new.
CREATE TABLE IF NOT EXISTS new_source_epochs (
    star_id BIGINT UNSIGNED NOT NULL,
    epoch_id BIGINT UNSIGNED NOT NULL,
    PRIMARY KEY (star_id, epoch_id),
    KEY new_source_epochs_epoch (epoch_id),
    CONSTRAINT new_source_epochs_of_source FOREIGN KEY (star_id) REFERENCES new_sources (star_id) ON DELETE CASCADE,
    CONSTRAINT new_source_epochs_of_epoch FOREIGN KEY (epoch_id) REFERENCES epochs (id) ON DELETE CASCADE
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;
