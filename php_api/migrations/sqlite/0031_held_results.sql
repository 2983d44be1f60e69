-- Results of volunteers that wait for a second opinion, and what became of them. report and figures are JSON. A row
-- stays as long as its job; its files go with everything else that runs of the job have left.
CREATE TABLE IF NOT EXISTS held_results (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    job_id INTEGER NOT NULL REFERENCES stacking_jobs (id) ON DELETE CASCADE,
    api_key_id INTEGER NOT NULL REFERENCES api_keys (id),
    worker_name TEXT NOT NULL,
    lease_token_hash TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL DEFAULT 'held',
    path TEXT NOT NULL,
    file_size_bytes INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    report TEXT NOT NULL,
    figures TEXT NOT NULL,
    finding TEXT NULL,
    held_at TEXT NOT NULL,
    judged_at TEXT NULL
);
CREATE INDEX IF NOT EXISTS held_results_job ON held_results (job_id, state);
CREATE INDEX IF NOT EXISTS held_results_state ON held_results (state, held_at);
