-- The files of the export as they are published: names below hats.php, and the object that holds the bytes.
CREATE TABLE IF NOT EXISTS hats_files (
    name VARCHAR(120) CHARACTER SET ascii NOT NULL PRIMARY KEY,
    catalogue VARCHAR(40) CHARACTER SET ascii NOT NULL,
    norder INT NULL,
    npix INT NULL,
    n_rows BIGINT NULL,
    size_bytes BIGINT NOT NULL,
    sha256 CHAR(64) CHARACTER SET ascii NOT NULL,
    KEY hats_files_cell (norder, npix)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;
