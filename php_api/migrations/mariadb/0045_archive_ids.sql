-- The ids of this archive: the current one, and former ones that `site.php restored` has retired. A mark is the nonce in
-- the name of the mark file in storage: the last one, and one that is about to take its place.
CREATE TABLE IF NOT EXISTS archive_ids (
    archive_id CHAR(16) NOT NULL PRIMARY KEY,
    is_current TINYINT NULL UNIQUE CHECK (is_current = 1),
    created_at DATETIME NOT NULL,
    last_mark CHAR(16) NULL,
    pending_mark CHAR(16) NULL,
    doubt VARCHAR(32) NULL,
    doubt_logged_at DATETIME NULL
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;
