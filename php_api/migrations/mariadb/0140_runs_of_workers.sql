-- What the last jobs of a worker took, for the time that a running one has left.
CREATE INDEX IF NOT EXISTS stacking_jobs_runs ON stacking_jobs (worker_name, kind, status, completed_at, id);
