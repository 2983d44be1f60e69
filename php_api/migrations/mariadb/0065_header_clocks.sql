-- The clock of DATE-OBS (Fits/HeaderClock), and the camera.
-- Subs of Dwarf 3 and Mini that are still stored have local times; they were taken for UTC.
ALTER TABLE raw_files ADD COLUMN IF NOT EXISTS header_clock VARCHAR(16) NULL;
ALTER TABLE raw_files ADD COLUMN IF NOT EXISTS is_wide TINYINT NOT NULL DEFAULT 0;
UPDATE raw_files SET header_clock = 'local-end' WHERE deleted_at IS NULL AND (LOWER(REPLACE(telescope, ' ', '')) LIKE 'dwarf3%' OR LOWER(REPLACE(telescope, ' ', '')) LIKE 'dwarfiii%' OR LOWER(REPLACE(telescope, ' ', '')) LIKE 'dwarfmini%');
