-- Whether the position of a telescope may be read by everybody who works on its subs; without a row the account decides.
CREATE TABLE IF NOT EXISTS telescope_positions (
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    telescope TEXT NOT NULL,
    is_shared INTEGER NOT NULL,
    PRIMARY KEY (user_id, telescope)
);
