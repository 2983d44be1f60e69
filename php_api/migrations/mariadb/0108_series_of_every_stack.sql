-- Seconds of the parts of the series that an owner wants of every new stack; null for none.
ALTER TABLE users ADD COLUMN IF NOT EXISTS series_seconds INT NULL;
