-- Accounts whose owners want them deleted; cleanup goes on until nothing is left. keeps_public: public stacks stay, without
-- a name.
CREATE TABLE IF NOT EXISTS account_deletions (
    user_id BIGINT UNSIGNED NOT NULL PRIMARY KEY,
    keeps_public TINYINT NOT NULL,
    requested_at DATETIME NOT NULL,
    CONSTRAINT account_deletions_of_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;
