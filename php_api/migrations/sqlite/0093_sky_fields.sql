-- Fields: places in the sky whose stacks are calibrated together. A measured stack belongs to the nearest field within
-- 0.75 degrees of its centre, or founds one. Pixel (NSIDE 128, RING) and unit vector are those of the centre (ICRS).
CREATE TABLE IF NOT EXISTS sky_fields (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    ra_deg REAL NOT NULL,
    dec_deg REAL NOT NULL,
    sky_pixel INTEGER NOT NULL,
    sky_x REAL NOT NULL,
    sky_y REAL NOT NULL,
    sky_z REAL NOT NULL,
    created_at TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS sky_fields_pixel ON sky_fields (sky_pixel);
