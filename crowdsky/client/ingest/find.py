"""Finds the files below some folders that may be light frames; what is no FITS file is counted.

Only the names are looked at here. What a FITS file is, `sort_out` reads from its header.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from crowdsky.client.errors import PathMissingError

FITS_ENDINGS = (".fit", ".fits", ".fts")
PACKED_ENDINGS = (".fz", ".gz", ".bz2", ".xz", ".zip", ".7z", ".rar")
PICTURE_ENDINGS = (".jpg", ".jpeg", ".png", ".tif", ".tiff", ".bmp", ".webp", ".gif")
SYSTEM_FOLDERS = ("@eadir", "#recycle", "$recycle.bin", "system volume information", "lost+found")
"""Folders of NAS makes and Windows that hold copies and deleted files, lower case."""


@dataclass(slots=True)
class Listing:
    """The FITS files below some paths, in the order of their paths, and the rest by number."""

    files: list[Path] = field(default_factory=list)
    previews: int = 0
    packed: int = 0
    others: int = 0
    unreadable: list[str] = field(default_factory=list)
    """Folders that could not be listed, each with the reason."""


def list_files(paths: Iterable[Path]) -> Listing:
    """List the files below ``paths``, each once; links to folders are not followed.

    Raises PathMissingError when one of the paths does not exist.
    """
    listing = Listing()
    found: dict[Path, None] = {}
    for path in paths:
        if path.is_dir():
            for folder, inside, names in os.walk(path, onerror=_note(listing)):
                inside[:] = sorted(name for name in inside if not _is_system(name))
                found.update({Path(folder).absolute() / name: None for name in sorted(names)})
        elif path.exists():
            found[path.absolute()] = None
        else:
            raise PathMissingError(
                "there is nothing to look through",
                where=str(path),
                why="no such file or folder",
                hint="check the path, and whether the disk is mounted",
            )
    kinds = Counter(_add(listing, path) for path in found)
    listing.previews, listing.packed = kinds["preview"], kinds["packed"]
    listing.others = kinds["other"]
    return listing


def _add(listing: Listing, path: Path) -> str:
    """Add a path if it ends like a FITS file; returns what its name says that it is."""
    ending = path.suffix.lower()
    if path.name.startswith("."):
        return "hidden"
    if ending in FITS_ENDINGS:
        listing.files.append(path)
        return "fits"
    if ending in PICTURE_ENDINGS:
        return "preview"
    is_packed = ending in PACKED_ENDINGS and Path(path.stem).suffix.lower() in FITS_ENDINGS
    return "packed" if is_packed else "other"


def _is_system(name: str) -> bool:
    return name.startswith(".") or name.lower() in SYSTEM_FOLDERS


def _note(listing: Listing) -> Callable[[OSError], None]:
    def note(error: OSError) -> None:
        listing.unreadable.append(f"{error.filename}: {error.strerror}")

    return note
