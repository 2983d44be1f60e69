-- The names of objects as they are searched: in capitals, without blanks.
ALTER TABLE stack_objects ADD COLUMN name_key TEXT NULL;
ALTER TABLE stack_objects ADD COLUMN messier_key TEXT NULL;
UPDATE stack_objects SET name_key = UPPER(REPLACE(name, ' ', '')), messier_key = UPPER(REPLACE(messier, ' ', ''));
CREATE INDEX IF NOT EXISTS stack_objects_name ON stack_objects (name_key, stack_id);
CREATE INDEX IF NOT EXISTS stack_objects_messier ON stack_objects (messier_key, stack_id);
