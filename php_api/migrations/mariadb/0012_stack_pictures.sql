-- What a measured stack has beside it in storage: the picture with its objects marked, and its star list.
ALTER TABLE stacked_frames
    ADD COLUMN IF NOT EXISTS overlay_path VARCHAR(512) NULL,
    ADD COLUMN IF NOT EXISTS stars_path VARCHAR(512) NULL;
