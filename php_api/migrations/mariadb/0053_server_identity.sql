-- Which data folder holds the raws that the rows name, and a fingerprint of the secret that leases are made with: a host
-- with another folder or secret must not take a raw for lost.
CREATE TABLE IF NOT EXISTS server_identity (
    id TINYINT NOT NULL PRIMARY KEY CHECK (id = 1),
    folder_id CHAR(16) NOT NULL,
    secret_fingerprint CHAR(32) NOT NULL,
    recorded_at DATETIME NOT NULL
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;
