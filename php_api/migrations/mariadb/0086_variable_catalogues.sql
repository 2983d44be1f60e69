-- Catalogues of variable stars. The one in use is the latest that has imported_at; the others are being written or deleted.
CREATE TABLE IF NOT EXISTS variable_catalogues (
    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    file_name VARCHAR(255) NOT NULL,
    stars INT NOT NULL,
    imported_at DATETIME NULL
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;
