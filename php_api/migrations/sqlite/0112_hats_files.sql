-- The files of the export as they are published: names below hats.php, and the object that holds the bytes.
CREATE TABLE IF NOT EXISTS hats_files (
    name TEXT NOT NULL PRIMARY KEY,
    catalogue TEXT NOT NULL,
    norder INTEGER NULL,
    npix INTEGER NULL,
    n_rows INTEGER NULL,
    size_bytes INTEGER NOT NULL,
    sha256 TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS hats_files_cell ON hats_files (norder, npix);
