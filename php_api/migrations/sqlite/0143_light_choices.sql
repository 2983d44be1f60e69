-- Of stacks that share light, which count for whom: viewer_id 0 is the public, -1 who sees all, others are owners of one of them,
-- whose rows go before those of the public. light_in is the stack that has the light of one that does not count; NULL: it counts.
-- repeated is the share of its subs that are in a stack before it.
CREATE TABLE IF NOT EXISTS light_choices (
    stack_id INTEGER NOT NULL REFERENCES stacked_frames (id) ON DELETE CASCADE,
    viewer_id INTEGER NOT NULL,
    light_in INTEGER NULL REFERENCES stacked_frames (id) ON DELETE SET NULL,
    repeated REAL NOT NULL,
    PRIMARY KEY (stack_id, viewer_id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS light_choices_in ON light_choices (light_in);
