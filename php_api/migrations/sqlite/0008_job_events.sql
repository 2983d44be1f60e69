-- Audit trail: who did what to a job and when. No foreign key: the trail outlives a deleted job.
CREATE TABLE IF NOT EXISTS job_events (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    job_id INTEGER NOT NULL,
    at TEXT NOT NULL,
    actor TEXT NOT NULL,
    event TEXT NOT NULL,
    detail TEXT NULL
);
CREATE INDEX IF NOT EXISTS job_events_job ON job_events (job_id, id);
