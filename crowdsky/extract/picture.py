"""Reads a FITS, JPEG, PNG or TIFF picture as one plane of brightness, for detecting stars."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from astropy.io import fits
from numpy.typing import NDArray

from crowdsky.extract.capture import Capture, capture_of_fits
from crowdsky.extract.photo import MAX_PIXELS, UPRIGHT, read_photo
from crowdsky.extract.unreadable import UnreadablePictureError, reading
from crowdsky.frames import fits_header
from crowdsky.frames.cards import card
from crowdsky.photometry.stack_file import NOT_PLANES

BIN_ABOVE_PIXELS = 6_000_000
"""Number of pixels from which a picture is binned unasked: its stars are wide enough."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture to be solved.

    plane         -- float32 (height, width) after binning
    bin_size      -- pixels of the file per pixel of the plane, along each side
    width, height -- size of the picture before binning, pixels; of a photo as viewers show it
    header        -- FITS header; empty for JPEG, PNG and TIFF
    top_down      -- whether the first row is shown on top (photos) or at the bottom (FITS)
    orientation   -- EXIF Orientation that was applied to a photo; 1 if it is stored upright
    capture       -- when, where and how it was taken, as far as the file says
    """

    plane: NDArray[np.float32]
    bin_size: int
    width: int
    height: int
    header: Mapping[str, object]
    top_down: bool
    orientation: int = UPRIGHT
    capture: Capture = field(default_factory=dict)


def as_picture(
    pixels: NDArray[Any], header: Mapping[str, object], bin_size: int | None = None
) -> Picture:
    """Take the pixels of a FITS picture that is already in memory; they are not changed.

    Args:
        pixels: (height, width), or a cube with up to four colours first or last; any number type.
        header: its cards; BAYERPAT marks a two-dimensional array as a mosaic.
        bin_size: pixels to average along each side; None bins large pictures only.

    Raises UnreadablePictureError when the array has another shape.
    """
    plane = _flattened(np.array(pixels, dtype=np.float32), "the array")
    mosaic = "BAYERPAT" in header and np.ndim(pixels) == 2
    return _binned_picture(plane, header, bin_size, mosaic=mosaic, top_down=False)


def is_fits(path: Path) -> bool:
    """Whether a file starts like FITS, whatever its name; raises OSError."""
    with path.open("rb") as file:
        return fits_header.is_fits(file.read(fits_header.START_BYTES))


def read_picture(path: Path, bin_size: int | None = None) -> Picture:
    """Read a picture; colours are averaged, a Bayer mosaic is binned two by two.

    Args:
        path: FITS (also a stack in planes, a colour cube or a compressed picture), JPEG, PNG or
            TIFF. Of several pages, the largest is the picture; photos are turned as their EXIF
            Orientation says.
        bin_size: pixels to average along each side; None bins large pictures only.

    Raises:
        UnreadablePictureError: the file is no picture of these kinds, or is too large.
        OSError: it cannot be opened.
    """
    if is_fits(path):
        with reading(path):
            return _fits_picture(path, bin_size)
    photo = read_photo(path)
    with reading(path):
        plane = _flattened(photo.pixels, path.name)
        picture = _binned_picture(plane, {}, bin_size, mosaic=False, top_down=True)
    return replace(picture, orientation=photo.orientation, capture=photo.capture)


def _fits_picture(path: Path, bin_size: int | None) -> Picture:
    plane, header = _read_fits(path)
    mosaic = "BAYERPAT" in header and header.get("NAXIS") == 2
    picture = _binned_picture(plane, header, bin_size, mosaic=mosaic, top_down=False)
    return replace(picture, capture=capture_of_fits(header, picture.width, picture.height))


def _binned_picture(
    plane: NDArray[np.float32],
    header: Mapping[str, object],
    bin_size: int | None,
    *,
    mosaic: bool,
    top_down: bool,
) -> Picture:
    height, width = plane.shape
    size = bin_size or _fitting_bin(width * height)
    if mosaic:
        size = max(2, size - size % 2)  # even, so that every pixel holds all colours
    return Picture(_binned(plane, size), size, width, height, header, top_down)


def _read_fits(path: Path) -> tuple[NDArray[np.float32], Mapping[str, object]]:
    """Return the mean of the planes of the largest size, and the cards of the file.

    Cards beside the pixels count more than those of the primary, which is empty in a file of fpack.
    """
    # astropy and Pillow leave a file open when they fail; one that is given to them is closed here.
    with path.open("rb") as stream, fits.open(stream, memmap=False) as hdus:
        header = _readable_cards(hdus[0].header)
        pictures = [
            hdu
            for hdu in list(hdus)
            if hdu.is_image
            and hdu.name not in NOT_PLANES
            and 0 < fits_header.pixels_of(hdu) <= MAX_PIXELS
        ]
        if not pictures:
            raise UnreadablePictureError("could not read the picture", why="it has no pixels")
        largest = max(pictures, key=fits_header.pixels_of)
        same = [hdu for hdu in pictures if hdu.shape == largest.shape]
        planes = [np.asarray(hdu.data, dtype=np.float32) for hdu in same]
        if len(same) == 1:
            header |= _readable_cards(largest.header)
    return _flattened(np.mean(planes, axis=0, dtype=np.float32), path.name), header


def _readable_cards(header: fits.Header) -> dict[str, object]:
    """Return the cards that astropy can parse: a broken one is unknown, not a broken picture."""
    cards: dict[str, object] = {}
    for key in header:
        value = card(header, key)
        if value is not None:
            cards.setdefault(key, value)
    return cards


def _flattened(data: NDArray[np.float32], name: str) -> NDArray[np.float32]:
    """Average the colours of a cube, whichever axis they are on."""
    if data.ndim == 3:
        data = data.mean(axis=0 if data.shape[0] <= 4 else 2, dtype=np.float32)
    if data.ndim != 2 or min(data.shape) < 16:
        raise UnreadablePictureError(
            "could not read the picture", where=name, why=f"its shape is {data.shape}"
        )
    return np.nan_to_num(data)


def _fitting_bin(pixels: int) -> int:
    size = 1
    while pixels / size**2 > BIN_ABOVE_PIXELS:
        size *= 2
    return size


def _binned(plane: NDArray[np.float32], size: int) -> NDArray[np.float32]:
    """Average squares of `size` pixels; incomplete squares at the ends are cut off."""
    if size == 1:
        return np.ascontiguousarray(plane)
    height, width = (side // size for side in plane.shape)
    if min(height, width) < 16:
        raise UnreadablePictureError(
            "could not bin the picture", why=f"binning by {size} leaves nothing of it"
        )
    squares = plane[: height * size, : width * size].reshape(height, size, width, size)
    return np.ascontiguousarray(squares.mean(axis=(1, 3), dtype=np.float32))
