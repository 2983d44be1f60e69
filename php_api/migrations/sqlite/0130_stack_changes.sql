-- How often something has changed that the sky map shows, for each part of the archive: the stacks from id part on, up to
-- but not including the next part. Parts that have never changed have no row.
CREATE TABLE IF NOT EXISTS stack_changes (
    part INTEGER NOT NULL PRIMARY KEY,
    changes INTEGER NOT NULL
);
