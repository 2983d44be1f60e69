-- What a measured stack has beside it in storage: the picture with its objects marked, and its star list.
ALTER TABLE stacked_frames ADD COLUMN overlay_path TEXT NULL;
ALTER TABLE stacked_frames ADD COLUMN stars_path TEXT NULL;
