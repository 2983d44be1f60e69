-- Whether the header of the stack tells where it was taken; NULL until cleanup has looked.
ALTER TABLE stacked_frames ADD COLUMN tells_position INTEGER NULL;
