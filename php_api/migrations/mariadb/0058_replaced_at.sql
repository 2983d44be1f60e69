-- When a rescan replaced the file; with raw_grace_hours as it is now, this gives when it may be deleted. NULL for files
-- replaced before this column existed: they are deleted at delete_due_at.
ALTER TABLE replaced_objects ADD COLUMN IF NOT EXISTS replaced_at DATETIME NULL;
