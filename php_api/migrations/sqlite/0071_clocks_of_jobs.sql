-- The clock of a job's subs, only where not every worker reads it rightly: those of Dwarf 3 and Mini are local.
ALTER TABLE stacking_jobs ADD COLUMN header_clock TEXT NULL;
UPDATE stacking_jobs SET header_clock = 'local-end' WHERE status IN ('pending', 'retry', 'failed', 'cancelled') AND (LOWER(REPLACE(telescope, ' ', '')) LIKE 'dwarf3%' OR LOWER(REPLACE(telescope, ' ', '')) LIKE 'dwarfiii%' OR LOWER(REPLACE(telescope, ' ', '')) LIKE 'dwarfmini%');
