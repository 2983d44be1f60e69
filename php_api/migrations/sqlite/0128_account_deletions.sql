-- Accounts whose owners want them deleted; cleanup goes on until nothing is left. keeps_public: public stacks stay, without
-- a name.
CREATE TABLE IF NOT EXISTS account_deletions (
    user_id INTEGER NOT NULL PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    keeps_public INTEGER NOT NULL,
    requested_at TEXT NOT NULL
);
