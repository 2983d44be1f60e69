-- Public copies keep times with a decimal comma and further names of time systems.
UPDATE raw_files SET public_sha256 = NULL, public_bytes = NULL WHERE deleted_at IS NULL;
