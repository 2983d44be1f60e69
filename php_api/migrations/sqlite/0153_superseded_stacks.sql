-- Stacks whose light went into another one, so that their address leads there.
CREATE TABLE IF NOT EXISTS superseded_stacks (
    id INTEGER PRIMARY KEY,
    stack_id INTEGER NOT NULL REFERENCES stacked_frames (id) ON DELETE CASCADE
);
CREATE INDEX IF NOT EXISTS superseded_stacks_by ON superseded_stacks (stack_id);
