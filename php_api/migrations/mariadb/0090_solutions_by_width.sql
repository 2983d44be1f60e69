-- The widest field of any stack says how far beside a region its stacks are looked for.
CREATE INDEX IF NOT EXISTS stack_solutions_width ON stack_solutions (field_width_deg);
