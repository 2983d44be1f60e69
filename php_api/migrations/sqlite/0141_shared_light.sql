-- Stacks that share subs with others. shares_light: 0 no, 1 yes, -1 not looked at yet (stacks of before). public_rank says in
-- which order those that share light became public; NULL of private ones. Whose light counts is in light_choices.
ALTER TABLE stacked_frames ADD COLUMN shares_light INTEGER NOT NULL DEFAULT 0;
ALTER TABLE stacked_frames ADD COLUMN public_rank INTEGER NULL;
CREATE INDEX IF NOT EXISTS stacked_frames_light ON stacked_frames (shares_light);
UPDATE stacked_frames SET shares_light = -1;
