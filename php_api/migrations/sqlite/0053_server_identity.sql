-- Which data folder holds the raws that the rows name, and a fingerprint of the secret that leases are made with: a host
-- with another folder or secret must not take a raw for lost.
CREATE TABLE IF NOT EXISTS server_identity (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    folder_id TEXT NOT NULL,
    secret_fingerprint TEXT NOT NULL,
    recorded_at TEXT NOT NULL
);
