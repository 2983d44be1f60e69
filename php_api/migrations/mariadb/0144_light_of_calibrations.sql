-- copies: epochs of a calibration whose light is in others of it, as a JSON list; they got zero points and counted for nothing
-- else. withdrawn: whether a stack of somebody else than its readers was made private (1) or deleted (2) since; then its means and
-- periods are given to nobody. 0: all of its stacks are still to be seen.
ALTER TABLE calibrations
    ADD COLUMN IF NOT EXISTS copies MEDIUMTEXT CHARACTER SET ascii NULL,
    ADD COLUMN IF NOT EXISTS withdrawn TINYINT NOT NULL DEFAULT 0;
