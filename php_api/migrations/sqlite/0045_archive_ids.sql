-- The ids of this archive: the current one, and former ones that `site.php restored` has retired. A mark is the nonce in
-- the name of the mark file in storage: the last one, and one that is about to take its place.
CREATE TABLE IF NOT EXISTS archive_ids (
    archive_id TEXT NOT NULL PRIMARY KEY,
    is_current INTEGER NULL UNIQUE CHECK (is_current = 1),
    created_at TEXT NOT NULL,
    last_mark TEXT NULL,
    pending_mark TEXT NULL,
    doubt TEXT NULL,
    doubt_logged_at TEXT NULL
);
