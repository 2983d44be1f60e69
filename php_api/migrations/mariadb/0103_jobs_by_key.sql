-- The last job of a kind for a field: chunk_key names what jobs without a stack work on. The options of a calibration have
-- the hash of every epoch.
ALTER TABLE stacking_jobs
    MODIFY COLUMN options MEDIUMTEXT NULL,
    ADD INDEX IF NOT EXISTS stacking_jobs_kind_key (kind, chunk_key);
