"""Reads a FITS, JPEG or PNG picture as one plane of brightness, for detecting stars."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from astropy.io import fits
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from crowdsky.base.errors import BadDataError
from crowdsky.frames import fits_header
from crowdsky.photometry.stack_file import NOT_PLANES

MAX_PIXELS = 200_000_000
BIN_ABOVE_PIXELS = 6_000_000
"""Number of pixels from which a picture is binned unasked: its stars are wide enough."""


class UnreadablePictureError(BadDataError):
    """A file is not a picture that can be solved."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture to be solved.

    plane         -- float32 (height, width) after binning
    bin_size      -- pixels of the file per pixel of the plane, along each side
    width, height -- size of the picture in the file, pixels
    header        -- FITS header; empty for JPEG and PNG
    top_down      -- whether the first row is shown on top (JPEG, PNG) or at the bottom (FITS)
    """

    plane: NDArray[np.float32]
    bin_size: int
    width: int
    height: int
    header: Mapping[str, object]
    top_down: bool


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
        path: FITS (also a stack in planes or a colour cube), JPEG or PNG.
        bin_size: pixels to average along each side; None bins large pictures only.

    Raises:
        UnreadablePictureError: the file is no picture of these kinds, or is too large.
        OSError: it cannot be opened.
    """
    if not is_fits(path):
        return _binned_picture(_read_photo(path), {}, bin_size, mosaic=False, top_down=True)
    plane, header = _read_fits(path)
    mosaic = "BAYERPAT" in header and header.get("NAXIS") == 2
    return _binned_picture(plane, header, bin_size, mosaic=mosaic, top_down=False)


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
    try:
        with fits.open(path, memmap=False) as hdus:
            header = dict(hdus[0].header)
            pictures = [
                hdu
                for hdu in list(hdus)
                if hdu.is_image
                and hdu.name not in NOT_PLANES
                and 0 < fits_header.pixels_of(hdu) <= MAX_PIXELS
            ]
            if not pictures:
                raise UnreadablePictureError("could not read the picture", why="it has no pixels")
            planes = [np.asarray(hdu.data, dtype=np.float32) for hdu in pictures]
    except (OSError, TypeError, ValueError) as error:
        raise UnreadablePictureError(
            "could not read the picture", where=path.name, why=str(error)
        ) from error
    same = [plane for plane in planes if plane.shape == planes[0].shape]
    return _flattened(np.mean(same, axis=0, dtype=np.float32), path.name), header


def _flattened(data: NDArray[np.float32], name: str) -> NDArray[np.float32]:
    """Average the colours of a cube, whichever axis they are on."""
    if data.ndim == 3:
        data = data.mean(axis=0 if data.shape[0] <= 4 else 2, dtype=np.float32)
    if data.ndim != 2 or min(data.shape) < 16:
        raise UnreadablePictureError(
            "could not read the picture", where=name, why=f"its shape is {data.shape}"
        )
    return np.nan_to_num(data, copy=False)


def _read_photo(path: Path) -> NDArray[np.float32]:
    try:
        with Image.open(path) as photo:
            if photo.width * photo.height > MAX_PIXELS:
                raise UnreadablePictureError(
                    "could not read the picture",
                    where=path.name,
                    why=f"{photo.width} x {photo.height} pixels are too many",
                )
            # Sixteen-bit grey stays as it is; everything else becomes eight bits per colour.
            wide = photo.mode.startswith("I") or photo.mode == "F"
            data = np.asarray(photo if wide else photo.convert("RGB"), dtype=np.float32)
    except UnidentifiedImageError as error:
        raise _no_picture(path) from error
    except (Image.DecompressionBombError, OSError, SyntaxError, ValueError) as error:
        raise UnreadablePictureError(
            "could not read the picture",
            where=path.name,
            why=str(error),
            hint="FITS, JPEG and PNG can be read",
        ) from error
    return _flattened(data, path.name)


def _no_picture(path: Path) -> UnreadablePictureError:
    with path.open("rb") as file:
        other = fits_header.other_kind(file.read(fits_header.START_BYTES))
    return UnreadablePictureError(
        "could not read the picture",
        where=path.name,
        why=f"it is {other[0]}, not a picture" if other else "it is not a picture of a known kind",
        hint=other[1] if other else "FITS, JPEG and PNG can be read",
    )


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
