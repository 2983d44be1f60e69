-- Stars of these catalogues, by their line in the file, with the HEALPix pixel (NSIDE 128, RING) and the unit vector of
-- their position (ICRS). Period and magnitudes are texts: some are limits, amplitudes or uncertain.
CREATE TABLE IF NOT EXISTS variable_stars (
    catalogue_id BIGINT UNSIGNED NOT NULL,
    number INT NOT NULL,
    name VARCHAR(80) NOT NULL,
    ra_deg DOUBLE NOT NULL,
    dec_deg DOUBLE NOT NULL,
    sky_pixel INT NOT NULL,
    sky_x DOUBLE NOT NULL,
    sky_y DOUBLE NOT NULL,
    sky_z DOUBLE NOT NULL,
    type VARCHAR(40) NULL,
    period VARCHAR(24) NULL,
    max_mag VARCHAR(16) NULL,
    min_mag VARCHAR(16) NULL,
    band VARCHAR(16) NULL,
    PRIMARY KEY (catalogue_id, number),
    KEY variable_stars_pixel (sky_pixel)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;
