-- The error of the amplitude, magnitudes, and why no period is claimed; NULL of calibrations by older workers.
ALTER TABLE variable_candidates ADD COLUMN IF NOT EXISTS amplitude_error_mag FLOAT NULL;
ALTER TABLE variable_candidates ADD COLUMN IF NOT EXISTS remark VARCHAR(160) CHARACTER SET ascii NULL;
