-- The clock of DATE-OBS (Fits/HeaderClock), and the camera. A job has a clock only where not every worker reads it
-- rightly. Subs of Dwarf 3 and Mini that are still stored have local times; they were taken for UTC.
ALTER TABLE raw_files ADD COLUMN IF NOT EXISTS header_clock VARCHAR(16) NULL;
ALTER TABLE raw_files ADD COLUMN IF NOT EXISTS is_wide TINYINT NOT NULL DEFAULT 0;
ALTER TABLE stacking_jobs ADD COLUMN IF NOT EXISTS header_clock VARCHAR(16) NULL;
UPDATE raw_files SET header_clock = 'local-end' WHERE deleted_at IS NULL AND (LOWER(REPLACE(telescope, ' ', '')) LIKE 'dwarf3%' OR LOWER(REPLACE(telescope, ' ', '')) LIKE 'dwarfiii%' OR LOWER(REPLACE(telescope, ' ', '')) LIKE 'dwarfmini%');
UPDATE stacking_jobs SET header_clock = 'local-end' WHERE status IN ('pending', 'retry', 'failed', 'cancelled') AND (LOWER(REPLACE(telescope, ' ', '')) LIKE 'dwarf3%' OR LOWER(REPLACE(telescope, ' ', '')) LIKE 'dwarfiii%' OR LOWER(REPLACE(telescope, ' ', '')) LIKE 'dwarfmini%');
