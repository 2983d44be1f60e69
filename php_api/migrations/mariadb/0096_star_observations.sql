-- What an epoch saw of a star: place in pixels (the first is 0), fluxes and their errors in ADU (null where not
-- measured; those of a monochrome sensor are in green), width in pixels, and flags (see StarFlag).
CREATE TABLE IF NOT EXISTS star_observations (
    star_id BIGINT UNSIGNED NOT NULL,
    epoch_id BIGINT UNSIGNED NOT NULL,
    x FLOAT NOT NULL,
    y FLOAT NOT NULL,
    flux_r FLOAT NULL,
    flux_g FLOAT NULL,
    flux_b FLOAT NULL,
    error_r FLOAT NULL,
    error_g FLOAT NULL,
    error_b FLOAT NULL,
    fwhm_px FLOAT NULL,
    flags INT NOT NULL DEFAULT 0,
    PRIMARY KEY (star_id, epoch_id),
    KEY star_observations_epoch (epoch_id),
    CONSTRAINT star_observations_of_epoch FOREIGN KEY (epoch_id) REFERENCES epochs (id) ON DELETE CASCADE,
    CONSTRAINT star_observations_of_star FOREIGN KEY (star_id) REFERENCES stars (id) ON DELETE CASCADE
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;
