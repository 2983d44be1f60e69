-- Partitions of the export, HEALPix pixels in nested order: what they shall be built of (null: the partition is not wanted
-- any more), and what they were built of (null: not yet). files is JSON: hash, size and rows of each table's file.
CREATE TABLE IF NOT EXISTS hats_cells (
    norder INTEGER NOT NULL,
    npix INTEGER NOT NULL,
    root INTEGER NOT NULL,
    wanted TEXT NULL,
    built TEXT NULL,
    is_published INTEGER NOT NULL DEFAULT 0,
    files TEXT NULL,
    job_id INTEGER NULL,
    sha256 TEXT NULL,
    built_at TEXT NULL,
    PRIMARY KEY (norder, npix)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS hats_cells_root ON hats_cells (root);
