-- In how many observations each epoch saw stars of a pixel (NSIDE 128, RING), for all epochs that have been counted. The
-- export is divided by it, without a look at all observations.
CREATE TABLE IF NOT EXISTS hats_epochs (
    sky_pixel INTEGER NOT NULL,
    epoch_id INTEGER NOT NULL REFERENCES epochs (id) ON DELETE CASCADE,
    observations INTEGER NOT NULL,
    PRIMARY KEY (sky_pixel, epoch_id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS hats_epochs_epoch ON hats_epochs (epoch_id);
