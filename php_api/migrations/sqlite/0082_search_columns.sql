-- What stacks are found by: the HEALPix pixel of their key (NSIDE 128, RING), that of their place in the sky with its unit
-- vector (ICRS), the name of their object, and how deep they go. A sky_pixel of -1 says that an older stack has not been
-- looked at yet; the site does so before its first search.
ALTER TABLE stacked_frames ADD COLUMN key_pixel INTEGER NULL;
ALTER TABLE stacked_frames ADD COLUMN sky_pixel INTEGER NULL DEFAULT -1;
ALTER TABLE stacked_frames ADD COLUMN sky_x REAL NULL;
ALTER TABLE stacked_frames ADD COLUMN sky_y REAL NULL;
ALTER TABLE stacked_frames ADD COLUMN sky_z REAL NULL;
ALTER TABLE stacked_frames ADD COLUMN object_key TEXT NULL;
ALTER TABLE stacked_frames ADD COLUMN limiting_mag REAL NULL;
ALTER TABLE stacked_frames ADD COLUMN sky_mag REAL NULL;
CREATE INDEX IF NOT EXISTS stacked_frames_key_pixel ON stacked_frames (key_pixel, date_obs_start);
CREATE INDEX IF NOT EXISTS stacked_frames_sky_pixel ON stacked_frames (sky_pixel, date_obs_start);
CREATE INDEX IF NOT EXISTS stacked_frames_begin ON stacked_frames (date_obs_start, id);
CREATE INDEX IF NOT EXISTS stacked_frames_object ON stacked_frames (object_key, date_obs_start);
