-- Julian year of the equinox of fits_ra and fits_dec; NULL for subs of before, where the telescope tells it.
ALTER TABLE raw_files ADD COLUMN IF NOT EXISTS fits_equinox DOUBLE NULL;
