-- When the owner of an account has shown that the e-mail address is theirs.
ALTER TABLE users ADD COLUMN IF NOT EXISTS email_verified_at DATETIME NULL;
