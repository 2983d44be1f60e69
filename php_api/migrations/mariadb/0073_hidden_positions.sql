-- Subs whose position goes into no stack and to no worker, whatever their owner's account allows.
ALTER TABLE raw_files ADD COLUMN IF NOT EXISTS hides_position TINYINT NOT NULL DEFAULT 0;
