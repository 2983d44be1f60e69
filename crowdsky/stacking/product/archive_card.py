"""Records in a stack's header which archive it was made for: the card ARCHID.

By this card a site knows its own stacks in a storage that it shares with others.
"""

from __future__ import annotations

from pathlib import Path

from astropy.io import fits

KEYWORD = "ARCHID"
COMMENT = "id of the archive this file was made for"


def write_archive_id(path: Path, archive_id: str) -> None:
    """Put the id of an archive into the primary header of a stack; pixels and tables stay.

    Raises OSError when the file is no FITS file or cannot be written.
    """
    with fits.open(path, mode="update", memmap=False) as hdus:
        header = hdus[0].header
        header[KEYWORD] = (archive_id, COMMENT)
        if "CHECKSUM" in header:
            hdus[0].add_checksum()
