-- The archive's own list of stars. The position (ICRS) holds for position_year; motions are those of Gaia, null where
-- nothing is known. Pixel (NSIDE 128, RING) and unit vector belong to the position.
CREATE TABLE IF NOT EXISTS stars (
    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    ra_deg DOUBLE NOT NULL,
    dec_deg DOUBLE NOT NULL,
    position_year DOUBLE NOT NULL,
    pm_ra_mas DOUBLE NULL,
    pm_dec_mas DOUBLE NULL,
    gaia_id BIGINT NULL,
    sky_pixel INT NOT NULL,
    sky_x DOUBLE NOT NULL,
    sky_y DOUBLE NOT NULL,
    sky_z DOUBLE NOT NULL,
    created_at VARCHAR(32) CHARACTER SET ascii NOT NULL,
    KEY stars_pixel (sky_pixel),
    KEY stars_gaia (gaia_id)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;
