-- Stars that vary beyond their errors in a calibration, and results of period searches. Times are BJD (TDB), durations and
-- periods days, amplitudes and depths magnitudes; score ranks, the best first.
CREATE TABLE IF NOT EXISTS variable_candidates (
    calibration_id INTEGER NOT NULL REFERENCES calibrations (id) ON DELETE CASCADE,
    star_id INTEGER NOT NULL REFERENCES stars (id) ON DELETE CASCADE,
    band TEXT NOT NULL,
    kind TEXT NOT NULL,
    score REAL NOT NULL,
    excess_mag REAL NOT NULL,
    n_points INTEGER NOT NULL,
    n_nights INTEGER NOT NULL,
    amplitude_mag REAL NOT NULL,
    period_d REAL NULL,
    period_error_d REAL NULL,
    period_fap REAL NULL,
    t0_bjd REAL NULL,
    depth_mag REAL NULL,
    duration_d REAL NULL,
    trend_mag_per_d REAL NULL,
    bright_epoch_id INTEGER NULL,
    faint_epoch_id INTEGER NULL,
    PRIMARY KEY (calibration_id, star_id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS variable_candidates_star ON variable_candidates (star_id);
