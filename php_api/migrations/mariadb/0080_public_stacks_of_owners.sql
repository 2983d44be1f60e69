-- Who sees a stack: the owner's setting, and what was chosen for the stack alone (inherit, public or private). Accounts
-- that exist already stay private.
ALTER TABLE users ADD COLUMN IF NOT EXISTS stacks_public TINYINT NOT NULL DEFAULT 0;
ALTER TABLE stacked_frames ADD COLUMN IF NOT EXISTS visibility VARCHAR(8) NOT NULL DEFAULT 'inherit';
