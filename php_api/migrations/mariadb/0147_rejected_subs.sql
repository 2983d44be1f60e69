-- Subs that stackers left out of stacks, by cause (Results/RejectionCauses), since this migration.
CREATE TABLE IF NOT EXISTS rejected_subs (
    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    job_id BIGINT UNSIGNED NOT NULL,
    at DATETIME NOT NULL,
    cause VARCHAR(20) NOT NULL,
    n INT NOT NULL,
    KEY rejected_subs_at (at, cause, n)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;
