-- The archive's own list of stars. The position (ICRS) holds for position_year; motions are those of Gaia, null where
-- nothing is known. Pixel (NSIDE 128, RING) and unit vector belong to the position.
CREATE TABLE IF NOT EXISTS stars (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    ra_deg REAL NOT NULL,
    dec_deg REAL NOT NULL,
    position_year REAL NOT NULL,
    pm_ra_mas REAL NULL,
    pm_dec_mas REAL NULL,
    gaia_id INTEGER NULL,
    sky_pixel INTEGER NOT NULL,
    sky_x REAL NOT NULL,
    sky_y REAL NOT NULL,
    sky_z REAL NOT NULL,
    created_at TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS stars_pixel ON stars (sky_pixel);
CREATE INDEX IF NOT EXISTS stars_gaia ON stars (gaia_id);
