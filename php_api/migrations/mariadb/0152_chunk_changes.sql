-- Chunks that an admin has merged or split. former is JSON: what the jobs and their subs were before; NULL where that cannot
-- be brought back.
CREATE TABLE IF NOT EXISTS chunk_changes (
    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    kind VARCHAR(16) CHARACTER SET ascii NOT NULL,
    user_id BIGINT UNSIGNED NOT NULL,
    job_id BIGINT UNSIGNED NOT NULL,
    other_jobs VARCHAR(500) CHARACTER SET ascii NOT NULL,
    actor VARCHAR(160) NOT NULL,
    former LONGTEXT NULL,
    created_at VARCHAR(32) CHARACTER SET ascii NOT NULL,
    undone_at VARCHAR(32) CHARACTER SET ascii NULL,
    KEY chunk_changes_job (job_id, id),
    KEY chunk_changes_user (user_id, id),
    CONSTRAINT chunk_changes_owner FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT chunk_changes_of FOREIGN KEY (job_id) REFERENCES stacking_jobs (id) ON DELETE CASCADE
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;
