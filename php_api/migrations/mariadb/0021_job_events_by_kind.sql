-- The counters of metrics are read from the audit trail at every scrape.
CREATE INDEX IF NOT EXISTS job_events_event ON job_events (event);
