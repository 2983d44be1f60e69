-- One row: whoever adds stars or fields holds its lock until the transaction ends, so that no star is added twice.
-- last_star is the highest id that a star ever had; ids are not given again. Cleanup has
-- looked for stars without observations up to the id checked_to.
CREATE TABLE IF NOT EXISTS star_list (
    id INT NOT NULL PRIMARY KEY,
    changes BIGINT NOT NULL,
    last_star BIGINT UNSIGNED NOT NULL DEFAULT 0,
    checked_to BIGINT UNSIGNED NOT NULL DEFAULT 0
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;
