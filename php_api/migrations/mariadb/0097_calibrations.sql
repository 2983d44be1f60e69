-- Ensemble calibrations of a field, by version. owner_id 0 is that of the public epochs; another one is that of all epochs
-- that this user sees. A published one never changes. sha256 is that of the file at path, sent_sha256 that of what the worker
-- sent, which the site completes. model is JSON, for people to read.
-- verified_at is null until the file is read back once more.
CREATE TABLE IF NOT EXISTS calibrations (
    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    field_id BIGINT UNSIGNED NOT NULL,
    owner_id BIGINT UNSIGNED NOT NULL DEFAULT 0,
    version INT NOT NULL,
    job_id BIGINT UNSIGNED NOT NULL,
    fingerprint CHAR(64) CHARACTER SET ascii NOT NULL,
    path TEXT NOT NULL,
    file_size_bytes BIGINT UNSIGNED NOT NULL,
    sha256 CHAR(64) CHARACTER SET ascii NOT NULL,
    sent_sha256 CHAR(64) CHARACTER SET ascii NOT NULL,
    catalogue VARCHAR(80) NULL,
    n_epochs INT NOT NULL,
    n_stars INT NOT NULL,
    model MEDIUMTEXT NOT NULL,
    created_at VARCHAR(32) CHARACTER SET ascii NOT NULL,
    verified_at VARCHAR(32) CHARACTER SET ascii NULL,
    UNIQUE KEY calibrations_version (field_id, owner_id, version),
    KEY calibrations_job (job_id),
    CONSTRAINT calibrations_of_field FOREIGN KEY (field_id) REFERENCES sky_fields (id) ON DELETE CASCADE
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;
