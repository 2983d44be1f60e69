-- The page of an account lists its keys.
CREATE INDEX IF NOT EXISTS api_keys_owner ON api_keys (user_id, id);
