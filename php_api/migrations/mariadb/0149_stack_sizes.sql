-- What the archive takes, by owner and by telescope.
CREATE INDEX IF NOT EXISTS stacked_frames_owner_size ON stacked_frames (user_id, file_size_bytes);
CREATE INDEX IF NOT EXISTS stacked_frames_telescope_size ON stacked_frames (telescope, file_size_bytes);
