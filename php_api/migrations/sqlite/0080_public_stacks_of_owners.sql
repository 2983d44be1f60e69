-- Who sees a stack: the owner's setting, and what was chosen for the stack alone (inherit, public or private). Accounts
-- that exist already stay private.
ALTER TABLE users ADD COLUMN stacks_public INTEGER NOT NULL DEFAULT 0;
ALTER TABLE stacked_frames ADD COLUMN visibility TEXT NOT NULL DEFAULT 'inherit';
