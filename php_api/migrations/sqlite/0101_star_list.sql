-- One row: whoever adds stars or fields holds its lock until the transaction ends, so that no star is added twice.
CREATE TABLE IF NOT EXISTS star_list (
    id INTEGER PRIMARY KEY,
    changes INTEGER NOT NULL
);
INSERT OR IGNORE INTO star_list (id, changes) VALUES (1, 0);
