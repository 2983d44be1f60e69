"""Places for files: upload, look up, move and delete, believing only what was proven."""
