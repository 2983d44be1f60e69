-- Notes of the stack, as a JSON list, that are about its measurement: a new measurement takes their place.
ALTER TABLE stack_solutions ADD COLUMN IF NOT EXISTS notes TEXT NULL;
