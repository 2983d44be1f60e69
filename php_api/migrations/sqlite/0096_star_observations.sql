-- What an epoch saw of a star: place in pixels (the first is 0), fluxes and their errors in ADU (null where not
-- measured; those of a monochrome sensor are in green), width in pixels, and flags (see StarFlag).
CREATE TABLE IF NOT EXISTS star_observations (
    star_id INTEGER NOT NULL REFERENCES stars (id) ON DELETE CASCADE,
    epoch_id INTEGER NOT NULL REFERENCES epochs (id) ON DELETE CASCADE,
    x REAL NOT NULL,
    y REAL NOT NULL,
    flux_r REAL NULL,
    flux_g REAL NULL,
    flux_b REAL NULL,
    error_r REAL NULL,
    error_g REAL NULL,
    error_b REAL NULL,
    fwhm_px REAL NULL,
    flags INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (star_id, epoch_id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS star_observations_epoch ON star_observations (epoch_id);
