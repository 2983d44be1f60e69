-- Deep-sky objects in the field of a solved stack; place is their order, nearest to the centre first.
CREATE TABLE IF NOT EXISTS stack_objects (
    stack_id BIGINT UNSIGNED NOT NULL,
    place INT NOT NULL,
    name VARCHAR(80) NOT NULL,
    messier VARCHAR(16) NULL,
    type VARCHAR(80) NOT NULL,
    ra_deg DOUBLE NOT NULL,
    dec_deg DOUBLE NOT NULL,
    separation_arcmin DOUBLE NOT NULL,
    size_arcmin DOUBLE NULL,
    magnitude DOUBLE NULL,
    PRIMARY KEY (stack_id, place),
    CONSTRAINT stack_objects_stack FOREIGN KEY (stack_id) REFERENCES stacked_frames (id) ON DELETE CASCADE
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;
