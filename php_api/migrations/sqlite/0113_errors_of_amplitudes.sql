-- The error of the amplitude, magnitudes, and why no period is claimed; NULL of calibrations by older workers.
ALTER TABLE variable_candidates ADD COLUMN amplitude_error_mag REAL NULL;
ALTER TABLE variable_candidates ADD COLUMN remark TEXT NULL;
