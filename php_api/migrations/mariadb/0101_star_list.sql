-- One row: whoever adds stars or fields holds its lock until the transaction ends, so that no star is added twice. Cleanup has
-- looked for stars without observations up to the id checked_to.
CREATE TABLE IF NOT EXISTS star_list (
    id INT NOT NULL PRIMARY KEY,
    changes BIGINT NOT NULL,
    checked_to BIGINT UNSIGNED NOT NULL DEFAULT 0
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;
