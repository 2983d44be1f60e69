-- Further names of the objects in a stack, as its worker reported them; place and
-- object_key are those of the object in stack_objects (place and name_key there).
CREATE TABLE IF NOT EXISTS stack_object_names (
    stack_id BIGINT UNSIGNED NOT NULL,
    place INT NOT NULL,
    object_key VARCHAR(80) NULL,
    number INT NOT NULL,
    name VARCHAR(80) NOT NULL,
    name_key VARCHAR(80) NULL,
    PRIMARY KEY (stack_id, place, number),
    KEY stack_object_names_key (name_key, object_key, stack_id),
    KEY stack_object_names_object (object_key, name_key, name),
    CONSTRAINT stack_object_names_stack FOREIGN KEY (stack_id) REFERENCES stacked_frames (id) ON DELETE CASCADE
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;
