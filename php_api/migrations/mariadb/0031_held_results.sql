-- Results of volunteers that wait for a second opinion, and what became of them. report and figures are JSON. A row
-- stays as long as its job; its files go with everything else that runs of the job have left.
CREATE TABLE IF NOT EXISTS held_results (
    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    job_id BIGINT UNSIGNED NOT NULL,
    api_key_id BIGINT UNSIGNED NOT NULL,
    worker_name VARCHAR(64) NOT NULL,
    lease_token_hash CHAR(64) NOT NULL,
    state VARCHAR(16) NOT NULL DEFAULT 'held',
    path VARCHAR(512) NOT NULL,
    file_size_bytes BIGINT NOT NULL,
    sha256 CHAR(64) NOT NULL,
    report MEDIUMTEXT NOT NULL,
    figures MEDIUMTEXT NOT NULL,
    finding TEXT NULL,
    held_at DATETIME NOT NULL,
    judged_at DATETIME NULL,
    UNIQUE KEY held_results_lease (lease_token_hash),
    KEY held_results_job (job_id, state),
    KEY held_results_state (state, held_at),
    CONSTRAINT held_results_job_row FOREIGN KEY (job_id) REFERENCES stacking_jobs (id) ON DELETE CASCADE,
    CONSTRAINT held_results_key_row FOREIGN KEY (api_key_id) REFERENCES api_keys (id)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;
