-- What a run found due: a later run may delete it, if it is still due and enough time has certainly passed.
CREATE TABLE IF NOT EXISTS due_marks (
    kind VARCHAR(32) NOT NULL,
    subject VARCHAR(500) NOT NULL,
    run_id BIGINT UNSIGNED NOT NULL,
    proven_seconds BIGINT NOT NULL,
    PRIMARY KEY (kind, subject)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;
