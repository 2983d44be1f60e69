-- The highest field of any stack, as for the widest.
CREATE INDEX IF NOT EXISTS stack_solutions_height ON stack_solutions (field_height_deg);
