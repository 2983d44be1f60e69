-- The regions of the HiPS that were built: a HEALPix pixel of order 3 each, of which stacks, and what they cover.
CREATE TABLE IF NOT EXISTS hips_cells (
    cell INT NOT NULL PRIMARY KEY,
    fingerprint CHAR(64) CHARACTER SET ascii NOT NULL,
    stacks INT NOT NULL,
    tiles INT NOT NULL,
    coverage MEDIUMTEXT CHARACTER SET ascii NOT NULL,
    job_id BIGINT NOT NULL,
    sha256 CHAR(64) CHARACTER SET ascii NOT NULL,
    built_at VARCHAR(32) CHARACTER SET ascii NOT NULL
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;
