-- cleanup --verify reads back what was read longest ago.
CREATE INDEX IF NOT EXISTS stacked_frames_verified ON stacked_frames (verified_at, id);
