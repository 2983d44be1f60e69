-- Partitions of the export, HEALPix pixels in nested order: what they shall be built of (null: the partition is not wanted
-- any more), and what they were built of (null: not yet). files is JSON: hash, size and rows of each table's file.
CREATE TABLE IF NOT EXISTS hats_cells (
    norder INT NOT NULL,
    npix INT NOT NULL,
    root INT NOT NULL,
    wanted CHAR(64) CHARACTER SET ascii NULL,
    built CHAR(64) CHARACTER SET ascii NULL,
    is_published TINYINT NOT NULL DEFAULT 0,
    files TEXT CHARACTER SET ascii NULL,
    job_id BIGINT NULL,
    sha256 CHAR(64) CHARACTER SET ascii NULL,
    built_at VARCHAR(32) CHARACTER SET ascii NULL,
    PRIMARY KEY (norder, npix),
    KEY hats_cells_root (root)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;
