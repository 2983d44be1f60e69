-- Deep-sky objects in the field of a solved stack; place is their order, nearest to the centre first.
CREATE TABLE IF NOT EXISTS stack_objects (
    stack_id INTEGER NOT NULL REFERENCES stacked_frames (id) ON DELETE CASCADE,
    place INTEGER NOT NULL,
    name TEXT NOT NULL,
    messier TEXT NULL,
    type TEXT NOT NULL,
    ra_deg REAL NOT NULL,
    dec_deg REAL NOT NULL,
    separation_arcmin REAL NOT NULL,
    size_arcmin REAL NULL,
    magnitude REAL NULL,
    PRIMARY KEY (stack_id, place)
);
