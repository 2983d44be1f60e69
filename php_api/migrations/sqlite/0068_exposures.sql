-- What tells one exposure from another: the fraction of its start, and a mark of its pixels. Subs of before have neither.
-- left_out says why a sub is in no stack, for people to read; NULL for those that are, or may be.
ALTER TABLE raw_files ADD COLUMN fits_microsecond INTEGER NULL;
ALTER TABLE raw_files ADD COLUMN pixel_mark TEXT NULL;
ALTER TABLE raw_files ADD COLUMN left_out TEXT NULL;
CREATE INDEX IF NOT EXISTS raw_files_owner_pixels ON raw_files (user_id, pixel_mark);
CREATE INDEX IF NOT EXISTS raw_files_owner_start ON raw_files (user_id, fits_date_obs);
