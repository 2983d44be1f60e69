-- One row: whoever adds stars or fields holds its lock until the transaction ends, so that no star is added twice. Cleanup has
-- looked for stars without observations up to the id checked_to.
CREATE TABLE IF NOT EXISTS star_list (
    id INTEGER PRIMARY KEY,
    changes INTEGER NOT NULL,
    checked_to INTEGER NOT NULL DEFAULT 0
);
