-- The regions of the HiPS that were built: a HEALPix pixel of order 3 each, of which stacks, and what they cover.
CREATE TABLE IF NOT EXISTS hips_cells (
    cell INTEGER NOT NULL PRIMARY KEY,
    fingerprint TEXT NOT NULL,
    stacks INTEGER NOT NULL,
    tiles INTEGER NOT NULL,
    coverage TEXT NOT NULL,
    job_id INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    built_at TEXT NOT NULL
);
