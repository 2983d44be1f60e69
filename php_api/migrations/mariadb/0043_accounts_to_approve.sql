-- Whether a visitor's account, not active yet, waits for an admin to approve it.
ALTER TABLE users ADD COLUMN IF NOT EXISTS awaits_approval TINYINT NOT NULL DEFAULT 0;
