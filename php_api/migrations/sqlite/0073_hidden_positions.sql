-- Subs whose position goes into no stack and to no worker, whatever their owner's account allows.
ALTER TABLE raw_files ADD COLUMN hides_position INTEGER NOT NULL DEFAULT 0;
