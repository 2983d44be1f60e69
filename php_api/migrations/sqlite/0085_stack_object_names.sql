-- Further names of the objects in a stack, as its worker reported them; place and
-- object_key are those of the object in stack_objects (place and name_key there).
CREATE TABLE IF NOT EXISTS stack_object_names (
    stack_id INTEGER NOT NULL REFERENCES stacked_frames (id) ON DELETE CASCADE,
    place INTEGER NOT NULL,
    object_key TEXT NULL,
    number INTEGER NOT NULL,
    name TEXT NOT NULL,
    name_key TEXT NULL,
    PRIMARY KEY (stack_id, place, number)
);
CREATE INDEX IF NOT EXISTS stack_object_names_key ON stack_object_names (name_key, object_key, stack_id);
CREATE INDEX IF NOT EXISTS stack_object_names_object ON stack_object_names (object_key, name_key, name);
