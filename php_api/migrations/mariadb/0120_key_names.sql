-- The names of valid keys are different for each owner: KIND:OWNER:NAME in lower case, null for a revoked key. Of older
-- keys with one name, only the first is entered; all of them stay valid.
ALTER TABLE api_keys ADD COLUMN IF NOT EXISTS name_in_use VARCHAR(120) NULL;
UPDATE api_keys k
  JOIN (SELECT MIN(id) AS id FROM api_keys WHERE revoked_at IS NULL GROUP BY kind, COALESCE(user_id, 0), LOWER(name)) f ON f.id = k.id
   SET k.name_in_use = CONCAT(k.kind, ':', COALESCE(k.user_id, 0), ':', LOWER(k.name));
CREATE UNIQUE INDEX IF NOT EXISTS api_keys_name_in_use ON api_keys (name_in_use);
