-- What stacks are found by: the HEALPix pixel of their key (NSIDE 128, RING), that of their place in the sky with its unit
-- vector (ICRS), the name of their object, and how deep they go. A sky_pixel of -1 says that an older stack has not been
-- looked at yet; the site does so before its first search.
ALTER TABLE stacked_frames
    ADD COLUMN IF NOT EXISTS key_pixel INT NULL,
    ADD COLUMN IF NOT EXISTS sky_pixel INT NULL DEFAULT -1,
    ADD COLUMN IF NOT EXISTS sky_x DOUBLE NULL,
    ADD COLUMN IF NOT EXISTS sky_y DOUBLE NULL,
    ADD COLUMN IF NOT EXISTS sky_z DOUBLE NULL,
    ADD COLUMN IF NOT EXISTS object_key VARCHAR(255) NULL,
    ADD COLUMN IF NOT EXISTS limiting_mag DOUBLE NULL,
    ADD COLUMN IF NOT EXISTS sky_mag DOUBLE NULL;
CREATE INDEX IF NOT EXISTS stacked_frames_key_pixel ON stacked_frames (key_pixel, date_obs_start);
CREATE INDEX IF NOT EXISTS stacked_frames_sky_pixel ON stacked_frames (sky_pixel, date_obs_start);
CREATE INDEX IF NOT EXISTS stacked_frames_begin ON stacked_frames (date_obs_start, id);
CREATE INDEX IF NOT EXISTS stacked_frames_object ON stacked_frames (object_key, date_obs_start);
