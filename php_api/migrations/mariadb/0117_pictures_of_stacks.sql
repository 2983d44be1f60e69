-- The other pictures of a stack: one for a page, one with every pixel, and its planes in 16 bits to be stretched by the reader.
ALTER TABLE stacked_frames
    ADD COLUMN IF NOT EXISTS picture_path VARCHAR(512) NULL,
    ADD COLUMN IF NOT EXISTS full_path VARCHAR(512) NULL,
    ADD COLUMN IF NOT EXISTS preview_path VARCHAR(512) NULL;
