-- Series of shorter stacks of the subs of a stack, one of each length. path is that of the last run that has stored one;
-- sha256, file_size_bytes and n_parts are null until it is proven. verified_at is null until it
-- is read back once more.
CREATE TABLE IF NOT EXISTS series (
    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    stack_id BIGINT UNSIGNED NOT NULL,
    seconds INT NOT NULL,
    job_id BIGINT UNSIGNED NOT NULL,
    path TEXT NULL,
    sha256 CHAR(64) CHARACTER SET ascii NULL,
    file_size_bytes BIGINT UNSIGNED NULL,
    n_parts INT NULL,
    created_at VARCHAR(32) CHARACTER SET ascii NOT NULL,
    completed_at VARCHAR(32) CHARACTER SET ascii NULL,
    verified_at VARCHAR(32) CHARACTER SET ascii NULL,
    UNIQUE KEY series_of_stack (stack_id, seconds),
    KEY series_job (job_id),
    CONSTRAINT series_stack FOREIGN KEY (stack_id) REFERENCES stacked_frames (id) ON DELETE CASCADE
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;
