-- One row: whoever adds stars or fields holds its lock until the transaction ends, so that no star is added twice.
CREATE TABLE IF NOT EXISTS star_list (
    id INT NOT NULL PRIMARY KEY,
    changes BIGINT NOT NULL
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;
INSERT IGNORE INTO star_list (id, changes) VALUES (1, 0);
