-- Stars that may be new: founded in epoch_id with this magnitude (green, or that of a monochrome sensor), where earlier and
-- deeper epochs saw nothing. Those are in new_source_epochs (0104).
CREATE TABLE IF NOT EXISTS new_sources (
    star_id INTEGER NOT NULL PRIMARY KEY REFERENCES stars (id) ON DELETE CASCADE,
    epoch_id INTEGER NOT NULL REFERENCES epochs (id) ON DELETE CASCADE,
    mag REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS new_sources_epoch ON new_sources (epoch_id);
