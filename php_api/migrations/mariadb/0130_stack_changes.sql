-- How often something has changed that the sky map shows, for each part of the archive: the stacks from id part on, up to
-- but not including the next part. Parts that have never changed have no row.
CREATE TABLE IF NOT EXISTS stack_changes (
    part BIGINT UNSIGNED NOT NULL PRIMARY KEY,
    changes BIGINT UNSIGNED NOT NULL
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;
