-- Files in storage that were moved to trash instead of being deleted, because they may be the only copy of a stack.
CREATE TABLE IF NOT EXISTS trashed_objects (
    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    path VARCHAR(512) NOT NULL,
    trash_path VARCHAR(512) NOT NULL,
    reason VARCHAR(255) NOT NULL,
    trashed_at DATETIME NOT NULL,
    UNIQUE KEY trashed_objects_path (path),
    UNIQUE KEY trashed_objects_trash_path (trash_path)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;
