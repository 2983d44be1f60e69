-- Nonces of earlier marks, the newest first, separated by commas: a request that was held up on the way may bring one back.
ALTER TABLE archive_ids ADD COLUMN past_marks TEXT NULL;
