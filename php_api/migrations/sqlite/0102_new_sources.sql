-- Stars that may be new: founded in epoch_id with this magnitude (green, or that of a monochrome sensor), where earlier and
-- deeper epochs saw nothing. new_source_epochs has those earlier epochs.
CREATE TABLE IF NOT EXISTS new_sources (
    star_id INTEGER NOT NULL PRIMARY KEY REFERENCES stars (id) ON DELETE CASCADE,
    epoch_id INTEGER NOT NULL REFERENCES epochs (id) ON DELETE CASCADE,
    mag REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS new_sources_epoch ON new_sources (epoch_id);
CREATE TABLE IF NOT EXISTS new_source_epochs (
    star_id INTEGER NOT NULL REFERENCES new_sources (star_id) ON DELETE CASCADE,
    epoch_id INTEGER NOT NULL REFERENCES epochs (id) ON DELETE CASCADE,
    PRIMARY KEY (star_id, epoch_id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS new_source_epochs_epoch ON new_source_epochs (epoch_id);
