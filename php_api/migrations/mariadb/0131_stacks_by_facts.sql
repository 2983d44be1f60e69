-- The width of the stars in a stack (arcseconds, FWHM) beside its other facts, and indexes for the filters of the gallery.
-- Stacks that were measured before get it as they got their places, before the next search.
ALTER TABLE stacked_frames ADD COLUMN IF NOT EXISTS fwhm_arcsec DOUBLE NULL;
CREATE INDEX IF NOT EXISTS stacked_frames_telescope ON stacked_frames (telescope, date_obs_start);
CREATE INDEX IF NOT EXISTS stacked_frames_filter ON stacked_frames (filter_name, date_obs_start);
CREATE INDEX IF NOT EXISTS stacked_frames_exposure ON stacked_frames (total_exptime);
CREATE INDEX IF NOT EXISTS stacked_frames_fwhm ON stacked_frames (fwhm_arcsec);
CREATE INDEX IF NOT EXISTS stacked_frames_user_telescope ON stacked_frames (user_id, telescope);
CREATE INDEX IF NOT EXISTS stacked_frames_user_filter ON stacked_frames (user_id, filter_name);
UPDATE stacked_frames SET sky_pixel = -1 WHERE fwhm_arcsec IS NULL AND id IN (SELECT stack_id FROM stack_solutions WHERE photometry IS NOT NULL);
