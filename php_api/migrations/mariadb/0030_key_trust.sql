-- How far a volunteer's key is trusted: results in a row that others agreed with, and since when it gets no work.
ALTER TABLE api_keys ADD COLUMN IF NOT EXISTS agreed_in_row INT NOT NULL DEFAULT 0;
ALTER TABLE api_keys ADD COLUMN IF NOT EXISTS quarantined_at DATETIME NULL;
ALTER TABLE api_keys ADD COLUMN IF NOT EXISTS quarantine_reason TEXT NULL;
