"""Reads the planes of a stack, reduced to the size of a picture for web pages."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from astropy.io import fits
from PIL import Image

from crowdsky.base.errors import BadDataError
from crowdsky.frames.damaged import damage_as
from crowdsky.frames.fits_header import START_BYTES, is_fits, other_kind, pixels_of
from crowdsky.photometry.stack_file import NOT_PLANES, PLANE_NAMES

MAX_PIXELS = 64_000_000
SAMPLE, LARGE = 7, 400_000
"""One of so many pixels is enough for statistics of pictures with more pixels than the second; a
prime number, so that columns take turns."""


class NoPictureError(BadDataError):
    """A file holds no picture of one or three planes."""


@dataclass(frozen=True, slots=True)
class PicturePlanes:
    """The planes of a picture.

    planes   -- float32 (1 or 3, height, width): mono, or red, green and blue; ADU
    covered  -- bool (height, width), pixels that have a value
    """

    planes: np.ndarray
    covered: np.ndarray


@dataclass(frozen=True, slots=True)
class Images:
    """An open file: its pictures of a size that fits into memory, and its primary header."""

    hdus: list[fits.ImageHDU]
    header: fits.Header


def load_planes(path: Path) -> PicturePlanes:
    """Read our own product, a colour cube with the colours first or last, or a mono image.

    Uncovered pixels, by FOOTPRINT or because they are not finite, become 0. Raises NoPictureError
    when the file holds no such picture, OSError when it cannot be read.
    """
    with open_images(path) as images:
        return planes_of(images, path.name)


@contextmanager
def open_images(path: Path) -> Iterator[Images]:
    """Open the pictures of a file; raises as ``load_planes`` does, also while they are read."""
    _check_kind(path)

    def damaged(why: str) -> NoPictureError:
        return NoPictureError("cannot read a picture", where=path.name, why=why)

    with (
        damage_as(damaged, os_errors=False),
        path.open("rb") as stream,
        fits.open(stream) as hdus,
    ):
        # As a list: a file that has just been opened does not know yet how many HDUs it has.
        every = list(hdus)
        images = [hdu for hdu in every if hdu.is_image and 0 < pixels_of(hdu) <= 3 * MAX_PIXELS]
        yield Images(images, hdus[0].header)


def planes_of(images: Images, name: str) -> PicturePlanes:
    """Read the planes of an open file; ``name`` is for the error. See ``load_planes``."""
    planes = _colour_planes(images.hdus)
    if planes is None:
        raise NoPictureError(
            "cannot read a picture",
            where=name,
            why="the file holds no picture of one or three planes",
            hint="give a stack: RED, GREEN and BLUE, a colour cube or a mono image",
        )
    planes = planes.astype(np.float32)
    covered = np.isfinite(planes).all(axis=0)
    footprint = _named(images.hdus, ("FOOTPRINT",))
    if footprint is not None and footprint.shape == covered.shape:
        covered &= footprint.data > 0
    return PicturePlanes(np.where(covered, planes, np.float32(0)), covered)


def reduce_planes(picture: PicturePlanes, max_size: int) -> PicturePlanes:
    """Average areas until the longer side has at most ``max_size`` pixels; nothing is enlarged.

    Only covered pixels count; a pixel is covered when most of its area is.
    """
    height, width = picture.covered.shape
    if max(height, width) <= max_size:
        return picture
    scale = max_size / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    share = resize_plane(picture.covered.astype(np.float32), size)
    planes = [
        resize_plane(plane, size) / np.maximum(share, np.float32(1e-6)) for plane in picture.planes
    ]
    return PicturePlanes(np.stack(planes), share > 0.5)


def resize_plane(
    plane: np.ndarray, size: tuple[int, int], how: Image.Resampling = Image.Resampling.BOX
) -> np.ndarray:
    """Resize a plane to ``size`` (width, height); with BOX each pixel is the mean of its area."""
    resized = Image.fromarray(plane.astype(np.float32, copy=False)).resize(size, how)
    return np.asarray(resized)


def sample_of(plane: np.ndarray, covered: np.ndarray) -> np.ndarray:
    """Return covered pixels of a plane, enough of them to measure its level and its scatter."""
    some = covered.reshape(-1)[::SAMPLE]
    if covered.size < LARGE or not some.any():
        return np.asarray(plane[covered])
    return np.asarray(np.ascontiguousarray(plane).reshape(-1)[::SAMPLE][some])


def _check_kind(path: Path) -> None:
    """Refuse what is not FITS in our own words, since astropy's talk about its options."""
    with path.open("rb") as stream:
        start = stream.read(START_BYTES)
    if is_fits(start):
        return
    other = other_kind(start)
    raise NoPictureError(
        "cannot read a picture",
        where=path.name,
        why="it is not a FITS file" if other is None else f"it is {other[0]}, not FITS",
        hint="give a stack" if other is None else other[1],
    )


def _colour_planes(images: list[fits.ImageHDU]) -> np.ndarray | None:
    """Return the picture as (1 or 3, height, width), in the order R, G, B; None without any."""
    colours = [_named(images, names) for names in PLANE_NAMES]
    shapes = {hdu.shape for hdu in colours if hdu is not None}
    if None not in colours and len(shapes) == 1 and len(next(iter(shapes))) == 2:
        return np.stack([hdu.data for hdu in colours if hdu is not None])
    for hdu in images:
        if hdu.name.upper() in NOT_PLANES:
            continue
        data = np.asarray(hdu.data)
        if data.ndim == 2:
            return data[np.newaxis]
        if data.ndim == 3 and data.shape[0] == 3:
            return data
        if data.ndim == 3 and data.shape[2] == 3:
            return np.moveaxis(data, 2, 0)
    return None


def _named(images: list[fits.ImageHDU], names: tuple[str, ...]) -> fits.ImageHDU | None:
    return next((hdu for hdu in images if hdu.name.upper() in names), None)
