-- What is known of a stack's file: fingerprints of its pictures by name, as JSON, NULL if it was archived before they were
-- kept; and since when and how it is missing from storage or changed there, NULL as long as it reads back.
ALTER TABLE stacked_frames ADD COLUMN image_hashes TEXT NULL;
ALTER TABLE stacked_frames ADD COLUMN damaged_at TEXT NULL;
ALTER TABLE stacked_frames ADD COLUMN damage TEXT NULL;
CREATE INDEX IF NOT EXISTS stacked_frames_damaged ON stacked_frames (damaged_at);
