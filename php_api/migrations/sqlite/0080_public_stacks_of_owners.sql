-- Whether an owner's stacks are public, unless something else was chosen for one. Accounts that exist already stay private.
ALTER TABLE users ADD COLUMN stacks_public INTEGER NOT NULL DEFAULT 0;
