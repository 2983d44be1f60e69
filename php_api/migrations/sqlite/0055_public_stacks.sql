-- Hashes of the public copies of stacks: of which file, and by which version of the rules. A row is replaced when either
-- has changed.
CREATE TABLE IF NOT EXISTS public_stacks (
    stack_id INTEGER PRIMARY KEY REFERENCES stacked_frames (id) ON DELETE CASCADE,
    rule INTEGER NOT NULL,
    source_sha256 TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    created_at TEXT NOT NULL
);
