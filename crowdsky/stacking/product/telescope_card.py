"""Gives the telescope in a stack's header the unit of its owner, if its subs name none."""

from __future__ import annotations

from pathlib import Path

from astropy.io import fits

from crowdsky.frames.telescopes import names_unit, telescope_id

KEYWORD, AS_SUBS_SAY = "TELESCOP", "TELE-SUB"
COMMENT = "telescope, and unit of its owner"


def write_telescope_id(path: Path, unit: str) -> None:
    """Put the unit of the owner into TELESCOP of a stack, also of its planes; pixels stay.

    What the subs say is kept as TELE-SUB. A telescope that names a unit stays as it is. Raises
    OSError when the file is no FITS file or cannot be written.
    """
    telescope = fits.getheader(path).get(KEYWORD)
    if not isinstance(telescope, str) or not telescope.strip() or names_unit(telescope.strip()):
        return
    telescope = telescope.strip()
    with fits.open(path, mode="update", memmap=False) as hdus:
        for hdu in hdus:
            if KEYWORD not in hdu.header:
                continue
            hdu.header[KEYWORD] = (telescope_id(telescope, unit), COMMENT)
            if hdu is hdus[0]:
                hdu.header.set(AS_SUBS_SAY, telescope, "TELESCOP of the subs", after=KEYWORD)
            if "CHECKSUM" in hdu.header:
                hdu.add_checksum()
