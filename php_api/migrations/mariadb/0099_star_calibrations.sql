-- A star in a calibration, per band: mean magnitude, its error, the colour that colour terms multiply (null if unknown),
-- and how its magnitudes scatter. extra_mag is an error of this star beyond the model, flags are those of StarFlag.
CREATE TABLE IF NOT EXISTS star_calibrations (
    calibration_id BIGINT UNSIGNED NOT NULL,
    star_id BIGINT UNSIGNED NOT NULL,
    band CHAR(1) CHARACTER SET ascii NOT NULL,
    mag DOUBLE NOT NULL,
    mag_error FLOAT NOT NULL,
    colour FLOAT NULL,
    n_epochs INT NOT NULL,
    scatter_mag FLOAT NULL,
    chi2 FLOAT NULL,
    extra_mag FLOAT NOT NULL DEFAULT 0,
    flags INT NOT NULL DEFAULT 0,
    PRIMARY KEY (calibration_id, star_id, band),
    KEY star_calibrations_star (star_id),
    CONSTRAINT star_calibrations_of_calibration FOREIGN KEY (calibration_id) REFERENCES calibrations (id) ON DELETE CASCADE,
    CONSTRAINT star_calibrations_of_star FOREIGN KEY (star_id) REFERENCES stars (id) ON DELETE CASCADE
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;
