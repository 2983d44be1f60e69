-- Stars that vary beyond their errors in a calibration, and results of period searches. Times are BJD (TDB), durations and
-- periods days, amplitudes and depths magnitudes; score ranks, the best first.
CREATE TABLE IF NOT EXISTS variable_candidates (
    calibration_id BIGINT UNSIGNED NOT NULL,
    star_id BIGINT UNSIGNED NOT NULL,
    band CHAR(1) CHARACTER SET ascii NOT NULL,
    kind VARCHAR(20) NOT NULL,
    score DOUBLE NOT NULL,
    excess_mag FLOAT NOT NULL,
    n_points INT NOT NULL,
    n_nights INT NOT NULL,
    amplitude_mag FLOAT NOT NULL,
    period_d DOUBLE NULL,
    period_error_d DOUBLE NULL,
    period_fap DOUBLE NULL,
    t0_bjd DOUBLE NULL,
    depth_mag FLOAT NULL,
    duration_d FLOAT NULL,
    trend_mag_per_d FLOAT NULL,
    bright_epoch_id BIGINT UNSIGNED NULL,
    faint_epoch_id BIGINT UNSIGNED NULL,
    PRIMARY KEY (calibration_id, star_id),
    KEY variable_candidates_star (star_id),
    CONSTRAINT variable_candidates_of_calibration FOREIGN KEY (calibration_id) REFERENCES calibrations (id) ON DELETE CASCADE,
    CONSTRAINT variable_candidates_of_star FOREIGN KEY (star_id) REFERENCES stars (id) ON DELETE CASCADE
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;
