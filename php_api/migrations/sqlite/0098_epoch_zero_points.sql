-- Zero point of an epoch in a calibration, per band (R, G, B or L). With u, v from -1 to 1 across the picture,
-- magnitude = -2.5 log10(flux) + zero_point + colour_term * colour of the star + u_term u + v_term v + uu_term u^2 + uv_term u v + vv_term v^2.
-- floor_mag is the error that no light reduces: scintillation and flat field.
CREATE TABLE IF NOT EXISTS epoch_zero_points (
    calibration_id INTEGER NOT NULL REFERENCES calibrations (id) ON DELETE CASCADE,
    epoch_id INTEGER NOT NULL REFERENCES epochs (id) ON DELETE CASCADE,
    band TEXT NOT NULL,
    zero_point REAL NOT NULL,
    zero_point_error REAL NOT NULL,
    colour_term REAL NOT NULL,
    u_term REAL NOT NULL,
    v_term REAL NOT NULL,
    uu_term REAL NOT NULL,
    uv_term REAL NOT NULL,
    vv_term REAL NOT NULL,
    floor_mag REAL NOT NULL,
    n_stars INTEGER NOT NULL,
    PRIMARY KEY (calibration_id, epoch_id, band)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS epoch_zero_points_epoch ON epoch_zero_points (epoch_id);
