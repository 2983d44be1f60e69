"""Pictures for people: thumbnails and overlays."""
