-- Frames of the job when the result was made: subs that join a waiting job make what is held a result of other frames.
ALTER TABLE held_results ADD COLUMN frame_count INTEGER NOT NULL DEFAULT 0;
