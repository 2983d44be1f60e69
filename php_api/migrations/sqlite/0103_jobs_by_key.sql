-- The last job of a kind for a field: chunk_key names what jobs without a stack work on.
CREATE INDEX IF NOT EXISTS stacking_jobs_kind_key ON stacking_jobs (kind, chunk_key);
