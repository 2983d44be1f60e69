"""Places for files: upload, look up, move and delete; nothing counts until it is verified."""
