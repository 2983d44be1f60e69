-- The other pictures of a stack: one for a page, one with every pixel, and its planes in 16 bits to be stretched by the reader.
ALTER TABLE stacked_frames ADD COLUMN picture_path TEXT NULL;
ALTER TABLE stacked_frames ADD COLUMN full_path TEXT NULL;
ALTER TABLE stacked_frames ADD COLUMN preview_path TEXT NULL;
