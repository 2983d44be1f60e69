-- Where a stack points and how bright its stars are: one row per stack that a worker has tried to solve.
-- job_id has no foreign key: the solution outlives the job that found it.
CREATE TABLE IF NOT EXISTS stack_solutions (
    stack_id INTEGER NOT NULL PRIMARY KEY REFERENCES stacked_frames (id) ON DELETE CASCADE,
    job_id INTEGER NOT NULL,
    solved INTEGER NOT NULL,
    reason TEXT NULL,
    solver TEXT NULL,
    verdict TEXT NULL,
    catalogue TEXT NULL,
    ra_center_deg REAL NULL,
    dec_center_deg REAL NULL,
    scale_arcsec REAL NULL,
    rotation_deg REAL NULL,
    parity INTEGER NULL,
    field_width_deg REAL NULL,
    field_height_deg REAL NULL,
    rms_arcsec REAL NULL,
    n_matched INTEGER NULL,
    n_catalogue INTEGER NULL,
    seconds REAL NULL,
    wcs TEXT NULL,
    photometry TEXT NULL,
    object_mismatch TEXT NULL,
    created_at TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS stack_solutions_solved ON stack_solutions (solved, stack_id);
