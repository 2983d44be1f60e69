-- The earlier and deeper epochs that did not see a star that may be new.
CREATE TABLE IF NOT EXISTS new_source_epochs (
    star_id INTEGER NOT NULL REFERENCES new_sources (star_id) ON DELETE CASCADE,
    epoch_id INTEGER NOT NULL REFERENCES epochs (id) ON DELETE CASCADE,
    PRIMARY KEY (star_id, epoch_id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS new_source_epochs_epoch ON new_source_epochs (epoch_id);
