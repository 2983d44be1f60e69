-- The names of valid keys are different for each owner: KIND:OWNER:NAME in lower case, null for a revoked key. Of older
-- keys with one name, only the first is entered; all of them stay valid.
ALTER TABLE api_keys ADD COLUMN name_in_use TEXT NULL;
UPDATE api_keys SET name_in_use = kind || ':' || COALESCE(user_id, 0) || ':' || LOWER(name)
 WHERE id IN (SELECT MIN(id) FROM api_keys WHERE revoked_at IS NULL GROUP BY kind, COALESCE(user_id, 0), LOWER(name));
CREATE UNIQUE INDEX IF NOT EXISTS api_keys_name_in_use ON api_keys (name_in_use);
