-- In how many observations each epoch saw stars of a pixel (NSIDE 128, RING), for all epochs that have been counted. The
-- export is divided by it, without a look at all observations.
CREATE TABLE IF NOT EXISTS hats_epochs (
    sky_pixel INT NOT NULL,
    epoch_id BIGINT UNSIGNED NOT NULL,
    observations INT NOT NULL,
    PRIMARY KEY (sky_pixel, epoch_id),
    KEY hats_epochs_epoch (epoch_id),
    CONSTRAINT hats_epochs_of_epoch FOREIGN KEY (epoch_id) REFERENCES epochs (id) ON DELETE CASCADE
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;
