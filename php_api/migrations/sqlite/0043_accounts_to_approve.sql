-- Whether a visitor's account, not active yet, waits for an admin to approve it.
ALTER TABLE users ADD COLUMN awaits_approval INTEGER NOT NULL DEFAULT 0;
