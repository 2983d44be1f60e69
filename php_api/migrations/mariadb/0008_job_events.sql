-- Audit trail: who did what to a job and when. No foreign key: the trail outlives a deleted job.
CREATE TABLE IF NOT EXISTS job_events (
    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    job_id BIGINT UNSIGNED NOT NULL,
    at DATETIME NOT NULL,
    actor VARCHAR(160) NOT NULL,
    event VARCHAR(40) NOT NULL,
    detail TEXT NULL,
    KEY job_events_job (job_id, id)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;
