-- One row: whoever adds stars or fields holds its lock until the transaction ends, so that no star is added twice.
-- last_star is the highest id that a star ever had; ids are not given again. Cleanup has
-- looked for stars without observations up to the id checked_to.
CREATE TABLE IF NOT EXISTS star_list (
    id INTEGER PRIMARY KEY,
    changes INTEGER NOT NULL,
    last_star INTEGER NOT NULL DEFAULT 0,
    checked_to INTEGER NOT NULL DEFAULT 0
);
