-- Where a stack points and how bright its stars are: one row per stack that a worker has tried to solve.
-- job_id has no foreign key: the solution outlives the job that found it.
CREATE TABLE IF NOT EXISTS stack_solutions (
    stack_id BIGINT UNSIGNED NOT NULL PRIMARY KEY,
    job_id BIGINT UNSIGNED NOT NULL,
    solved TINYINT NOT NULL,
    reason TEXT NULL,
    solver VARCHAR(40) NULL,
    verdict VARCHAR(40) NULL,
    catalogue VARCHAR(80) NULL,
    ra_center_deg DOUBLE NULL,
    dec_center_deg DOUBLE NULL,
    scale_arcsec DOUBLE NULL,
    rotation_deg DOUBLE NULL,
    parity TINYINT NULL,
    field_width_deg DOUBLE NULL,
    field_height_deg DOUBLE NULL,
    rms_arcsec DOUBLE NULL,
    n_matched INT NULL,
    n_catalogue INT NULL,
    seconds DOUBLE NULL,
    wcs TEXT NULL,
    photometry TEXT NULL,
    object_mismatch TEXT NULL,
    created_at DATETIME NOT NULL,
    KEY stack_solutions_solved (solved, stack_id),
    CONSTRAINT stack_solutions_stack FOREIGN KEY (stack_id) REFERENCES stacked_frames (id) ON DELETE CASCADE
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;
