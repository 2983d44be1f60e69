-- Stars for which somebody asked for a search for periods. Each later calibration of their fields searches them.
CREATE TABLE IF NOT EXISTS period_requests (
    star_id INTEGER NOT NULL PRIMARY KEY REFERENCES stars (id) ON DELETE CASCADE,
    asked_at TEXT NOT NULL
);
