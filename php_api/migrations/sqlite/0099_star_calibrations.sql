-- A star in a calibration, per band: mean magnitude, its error, the colour that colour terms multiply (null if unknown),
-- and how its magnitudes scatter. extra_mag is an error of this star beyond the model, flags are those of StarFlag.
CREATE TABLE IF NOT EXISTS star_calibrations (
    calibration_id INTEGER NOT NULL REFERENCES calibrations (id) ON DELETE CASCADE,
    star_id INTEGER NOT NULL REFERENCES stars (id) ON DELETE CASCADE,
    band TEXT NOT NULL,
    mag REAL NOT NULL,
    mag_error REAL NOT NULL,
    colour REAL NULL,
    n_epochs INTEGER NOT NULL,
    scatter_mag REAL NULL,
    chi2 REAL NULL,
    extra_mag REAL NOT NULL DEFAULT 0,
    flags INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (calibration_id, star_id, band)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS star_calibrations_star ON star_calibrations (star_id);
