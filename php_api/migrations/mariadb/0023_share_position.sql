-- Whether the owner lets everybody who works on the frames know where they were taken.
ALTER TABLE users ADD COLUMN IF NOT EXISTS share_position TINYINT NOT NULL DEFAULT 0;
