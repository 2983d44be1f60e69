-- Stars of these catalogues, by their line in the file, with the HEALPix pixel (NSIDE 128, RING) and the unit vector of
-- their position (ICRS). Period and magnitudes are texts: some are limits, amplitudes or uncertain.
CREATE TABLE IF NOT EXISTS variable_stars (
    catalogue_id INTEGER NOT NULL,
    number INTEGER NOT NULL,
    name TEXT NOT NULL,
    ra_deg REAL NOT NULL,
    dec_deg REAL NOT NULL,
    sky_pixel INTEGER NOT NULL,
    sky_x REAL NOT NULL,
    sky_y REAL NOT NULL,
    sky_z REAL NOT NULL,
    type TEXT NULL,
    period TEXT NULL,
    max_mag TEXT NULL,
    min_mag TEXT NULL,
    band TEXT NULL,
    PRIMARY KEY (catalogue_id, number)
);
CREATE INDEX IF NOT EXISTS variable_stars_pixel ON variable_stars (sky_pixel);
