-- Zero point of an epoch in a calibration, per band (R, G, B or L). With u, v from -1 to 1 across the picture,
-- magnitude = -2.5 log10(flux) + zero_point + colour_term * colour of the star + u_term u + v_term v + uu_term u^2 + uv_term u v + vv_term v^2.
-- floor_mag is the error that no light reduces: scintillation and flat field.
CREATE TABLE IF NOT EXISTS epoch_zero_points (
    calibration_id BIGINT UNSIGNED NOT NULL,
    epoch_id BIGINT UNSIGNED NOT NULL,
    band CHAR(1) CHARACTER SET ascii NOT NULL,
    zero_point DOUBLE NOT NULL,
    zero_point_error FLOAT NOT NULL,
    colour_term FLOAT NOT NULL,
    u_term FLOAT NOT NULL,
    v_term FLOAT NOT NULL,
    uu_term FLOAT NOT NULL,
    uv_term FLOAT NOT NULL,
    vv_term FLOAT NOT NULL,
    floor_mag FLOAT NOT NULL,
    n_stars INT NOT NULL,
    PRIMARY KEY (calibration_id, epoch_id, band),
    KEY epoch_zero_points_epoch (epoch_id),
    CONSTRAINT epoch_zero_points_of_calibration FOREIGN KEY (calibration_id) REFERENCES calibrations (id) ON DELETE CASCADE,
    CONSTRAINT epoch_zero_points_of_epoch FOREIGN KEY (epoch_id) REFERENCES epochs (id) ON DELETE CASCADE
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;
