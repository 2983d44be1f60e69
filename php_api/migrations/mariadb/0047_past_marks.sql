-- Nonces of earlier marks, the newest first, separated by commas: a request that was held up on the way may bring one back.
ALTER TABLE archive_ids ADD COLUMN IF NOT EXISTS past_marks TEXT NULL;
