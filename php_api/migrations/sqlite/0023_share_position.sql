-- Whether the owner lets everybody who works on the frames know where they were taken.
ALTER TABLE users ADD COLUMN share_position INTEGER NOT NULL DEFAULT 0;
