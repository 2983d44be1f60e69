"""Reads a JPEG, PNG or TIFF: the largest page of the file, turned the way viewers show it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

from crowdsky.extract.camera_raw import camera_raw_kind
from crowdsky.extract.capture import Capture, capture_of_exif
from crowdsky.extract.unreadable import KNOWN_KINDS, UnreadablePictureError, reading
from crowdsky.frames import fits_header

MAX_PIXELS = 200_000_000
MAX_PAGES = 1000
"""Number of pages of a file that are looked at; more is a film or an attack."""
TIFF_STARTS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
NEW_SUBFILE_TYPE, REDUCED = 254, 1
"""TIFF tag of a page's role, and its bit for a smaller version of another page."""
UPRIGHT = 1
"""EXIF Orientation of a picture that is stored as it is shown."""
TRANSPOSED = (5, 6, 7, 8)
"""EXIF Orientations whose rows become columns."""


@dataclass(frozen=True, slots=True)
class Photo:
    """The pixels of a photo as viewers show it, and what its EXIF says.

    pixels      -- float32 (height, width) or (height, width, 3), first row on top
    orientation -- EXIF Orientation that was applied, 1 to 8; 1 if the picture is stored upright
    capture     -- time, place and camera; width and height are those of the picture as shown
    """

    pixels: NDArray[np.float32]
    orientation: int
    capture: Capture


def read_photo(path: Path) -> Photo:
    """Read the largest page of a picture, upright.

    Raises UnreadablePictureError for a camera raw, of which only a preview could be read, and for
    everything else that is no picture or is too large.
    """
    with _opened(path) as photo:
        orientation = _orientation(photo)
        capture = _capture(photo, orientation)
        # The size is checked by then: pixels are only unpacked here.
        upright = ImageOps.exif_transpose(photo)
        # Sixteen-bit grey stays as it is; everything else becomes eight bits per colour.
        wide = upright.mode.startswith("I") or upright.mode == "F"
        pixels = np.array(upright if wide else upright.convert("RGB"), dtype=np.float32)
    height, width = pixels.shape[:2]
    return Photo(pixels, orientation, {**capture, "image_width": width, "image_height": height})


def capture_of_photo(path: Path) -> Capture:
    """Read capture data without the pixels; empty if there is none or the file is damaged."""
    try:
        with _opened(path) as photo:
            return _capture(photo, _orientation(photo))
    except UnreadablePictureError:
        return {}


@contextmanager
def _opened(path: Path) -> Iterator[Image.Image]:
    """Open a picture at its largest page; every error inside is one of reading the picture."""
    with reading(path), path.open("rb") as stream:
        _refuse_camera_raw(path)
        try:
            photo = Image.open(stream)
        except UnidentifiedImageError as error:
            raise _no_picture(path) from error
        with photo:
            _seek_largest_page(photo, path)
            if photo.width * photo.height > MAX_PIXELS:
                why = f"{photo.width} x {photo.height} pixels are too many"
                raise UnreadablePictureError("could not read the picture", where=path.name, why=why)
            yield photo


def _refuse_camera_raw(path: Path) -> None:
    kind = camera_raw_kind(path)
    if kind is not None:
        raise UnreadablePictureError(
            "could not read the picture",
            where=path.name,
            why=f"it is a camera raw ({kind}), of which only a preview could be read",
            hint="convert it to FITS, or to TIFF in its full size",
        )


def _seek_largest_page(photo: Image.Image, path: Path) -> None:
    """Go to the page with the most pixels, the first of them: scans often begin with a preview.

    Raises UnreadablePictureError when that page says that it is the preview of another, which then
    must be in a part of the file that is not read.
    """
    pages = getattr(photo, "n_frames", 1)
    if pages > MAX_PAGES:
        why = f"it has {pages} pages, more than {MAX_PAGES}"
        raise UnreadablePictureError("could not read the picture", where=path.name, why=why)
    sizes = []
    for page in range(pages):
        photo.seek(page)
        sizes.append(photo.width * photo.height)
    photo.seek(sizes.index(max(sizes)))
    role = getattr(photo, "tag_v2", {}).get(NEW_SUBFILE_TYPE, 0)
    if role & REDUCED:
        raise UnreadablePictureError(
            "could not read the picture",
            where=path.name,
            why="only a preview of it can be read, not the full picture",
            hint="convert it to FITS, or to TIFF in its full size",
        )


def _orientation(photo: Image.Image) -> int:
    found = photo.getexif().get(ExifTags.Base.Orientation, UPRIGHT)
    return found if found in range(1, 9) else UPRIGHT


def _capture(photo: Image.Image, orientation: int) -> Capture:
    """Read EXIF data and the size as shown; damaged data, in which Pillow finds any error, are not
    a reason to refuse the picture.
    """
    width, height = _size_as_shown(photo, orientation)
    try:
        base = photo.getexif()
        shot, place = base.get_ifd(ExifTags.IFD.Exif), base.get_ifd(ExifTags.IFD.GPSInfo)
        exif = capture_of_exif(base, shot, place)
    except Exception:  # noqa: BLE001 - Pillow raises what its parser stumbles over
        exif = {}
    turned: dict[str, Any] = {} if orientation == UPRIGHT else {"exif_orientation": orientation}
    return {**exif, "image_width": width, "image_height": height, **turned}


def _size_as_shown(photo: Image.Image, orientation: int) -> tuple[int, int]:
    # Pillow reports the size of a TIFF as shown already, and those of other files as stored.
    if photo.format == "TIFF" or orientation not in TRANSPOSED:
        return photo.width, photo.height
    return photo.height, photo.width


def _no_picture(path: Path) -> UnreadablePictureError:
    with path.open("rb") as file:
        start = file.read(fits_header.START_BYTES)
    why, hint = "it is not a picture of a known kind", KNOWN_KINDS
    other = fits_header.other_kind(start)
    if other:
        why, hint = f"it is {other[0]}, not a picture", other[1]
    elif start.startswith(TIFF_STARTS):
        why = "it is a TIFF whose pixels are of a kind that cannot be read"
        hint = "save it as FITS, or as TIFF with 8 or 16 bits"
    return UnreadablePictureError("could not read the picture", where=path.name, why=why, hint=hint)
