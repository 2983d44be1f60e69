-- Fields: places in the sky whose stacks are calibrated together. A measured stack belongs to the nearest field within
-- 0.75 degrees of its centre, or founds one. Pixel (NSIDE 128, RING) and unit vector are those of the centre (ICRS).
CREATE TABLE IF NOT EXISTS sky_fields (
    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    ra_deg DOUBLE NOT NULL,
    dec_deg DOUBLE NOT NULL,
    sky_pixel INT NOT NULL,
    sky_x DOUBLE NOT NULL,
    sky_y DOUBLE NOT NULL,
    sky_z DOUBLE NOT NULL,
    created_at VARCHAR(32) CHARACTER SET ascii NOT NULL,
    KEY sky_fields_pixel (sky_pixel)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;
