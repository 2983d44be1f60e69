-- What each cleanup read from the clocks, in Unix seconds: a clock that is wrong for a while must not delete by age.
-- proven_seconds grows by the time that has certainly passed between two runs; doubt says why a run deleted nothing.
CREATE TABLE IF NOT EXISTS cleanup_runs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    wall INTEGER NOT NULL,
    boot_id TEXT NULL,
    uptime INTEGER NULL,
    database_offset INTEGER NOT NULL,
    disk_offset INTEGER NOT NULL,
    accepted_database_offset INTEGER NOT NULL,
    accepted_disk_offset INTEGER NOT NULL,
    proven_seconds INTEGER NOT NULL,
    doubt TEXT NULL
);
