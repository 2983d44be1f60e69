-- How far a volunteer's key is trusted: results in a row that others agreed with, and since when it gets no work.
ALTER TABLE api_keys ADD COLUMN agreed_in_row INTEGER NOT NULL DEFAULT 0;
ALTER TABLE api_keys ADD COLUMN quarantined_at TEXT NULL;
ALTER TABLE api_keys ADD COLUMN quarantine_reason TEXT NULL;
