-- Frames of the job when the result was made: subs that join a waiting job make what is held a result of other frames.
ALTER TABLE held_results ADD COLUMN IF NOT EXISTS frame_count INT NOT NULL DEFAULT 0;
