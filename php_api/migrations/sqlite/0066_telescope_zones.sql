-- Time zones of telescopes that write local time, as their owners say.
CREATE TABLE IF NOT EXISTS telescope_zones (
    user_id INTEGER NOT NULL REFERENCES users (id),
    telescope TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    PRIMARY KEY (user_id, telescope)
);
