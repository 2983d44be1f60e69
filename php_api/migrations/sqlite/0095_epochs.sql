-- Measured stacks, and the intervals of series (series_seconds > 0, part counts from 1). A stack that was measured again
-- has a new epoch; the old one is kept with superseded_at, because published calibrations refer to it. An epoch without
-- observations says why in reason. Times are days, of mid-exposure; bjd_tdb is that of the middle of the picture, which is at
-- ra_deg, dec_deg (ICRS).
CREATE TABLE IF NOT EXISTS epochs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    stack_id INTEGER NOT NULL REFERENCES stacked_frames (id) ON DELETE CASCADE,
    series_seconds INTEGER NOT NULL DEFAULT 0,
    part INTEGER NOT NULL DEFAULT 0,
    field_id INTEGER NULL,
    source_sha256 TEXT NOT NULL,
    reason TEXT NULL,
    mjd_utc REAL NULL,
    bjd_tdb REAL NULL,
    ra_deg REAL NULL,
    dec_deg REAL NULL,
    airmass REAL NULL,
    exposure_s REAL NULL,
    n_subs INTEGER NULL,
    telescope TEXT NULL,
    filter_name TEXT NULL,
    bands TEXT NOT NULL,
    width INTEGER NULL,
    height INTEGER NULL,
    zero_point_r REAL NULL,
    zero_point_g REAL NULL,
    zero_point_b REAL NULL,
    zero_point_error_r REAL NULL,
    zero_point_error_g REAL NULL,
    zero_point_error_b REAL NULL,
    catalogue TEXT NULL,
    limiting_mag REAL NULL,
    fwhm_px REAL NULL,
    aperture_px REAL NULL,
    scale_arcsec REAL NULL,
    n_stars INTEGER NOT NULL DEFAULT 0,
    ingested_at TEXT NOT NULL,
    superseded_at TEXT NULL
);
CREATE INDEX IF NOT EXISTS epochs_stack ON epochs (stack_id, series_seconds, part);
CREATE INDEX IF NOT EXISTS epochs_field ON epochs (field_id, mjd_utc);
