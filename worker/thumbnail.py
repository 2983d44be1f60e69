"""A small picture of a stack for web pages."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from astropy.io import fits
from PIL import Image

from worker.errors import BadDataError
from worker.stacking.fits_header import START_BYTES, is_fits, other_kind

DARK_PERCENTILE = 1.0
BRIGHT_PERCENTILE = 99.5
BRIGHTEST_SKY = 0.13
"""Brightness of the median pixel, 0 to 1, that a stretch may leave at most."""
DARKEST_SKY = 0.04
"""The other colours do not follow one whose sky is darker than this, as in a red nebula."""
MAX_PIXELS = 64_000_000
_PLANE_NAMES = (("RED", "R"), ("GREEN", "G"), ("BLUE", "B"))
_NOT_A_PICTURE = ("FOOTPRINT", "MASK", "WEIGHT")


class NoPictureError(BadDataError):
    """A FITS file holds nothing that a thumbnail could be made of."""


@dataclass(frozen=True, slots=True)
class _Picture:
    planes: np.ndarray
    """(1 or 3, height, width) float32."""
    covered: np.ndarray
    """(height, width) bool."""


def generate_thumbnail(fits_path: Path, output_path: Path, max_size: int = 512) -> Path:
    """Write an 8-bit RGB PNG of a stack, at most ``max_size`` pixels on its longer side.

    Reads our own product (RED, GREEN and BLUE, with FOOTPRINT), a colour cube in the primary with
    the colours first or last, and a plain mono image. The aspect is kept, nothing is enlarged,
    row 0 of the array is on top. Uncovered pixels are black and do not take part in the stretch.

    Each colour is stretched by itself, from its own 1st to its own 99.5th percentile. One stretch
    for all colours would be truer to the ADU, but what it shows is the camera: with a quarter more
    skyglow in green than in red and blue, the whole sky of M 94 turns bright green. Per colour the
    sky is neutral, and the colour that is left belongs to stars and galaxies.

    Between the percentiles the stretch is linear where the sky is dark already. In a sparse field
    the upper percentile lies hardly above the noise, and the sky would be a grainy middle grey
    (0.4 for 12 subs of M 94); there a power of the linear value takes the sky's median down, in all
    colours to the same level of at most BRIGHTEST_SKY, which leaves both ends in place and the
    galaxy in front of a dark sky.

    Raises NoPictureError when the file holds no such picture, OSError when it cannot be read or
    the thumbnail not be written. The PNG appears whole or not at all.
    """
    picture = _reduced(_load(Path(fits_path)), max_size)
    colours = _stretched(picture)
    if len(colours) == 1:
        colours *= 3
    output_path = Path(output_path)
    partial = output_path.with_name(output_path.name + ".part")
    try:
        Image.fromarray(np.stack(colours, axis=2)).save(partial, format="PNG")
        partial.replace(output_path)
    finally:
        partial.unlink(missing_ok=True)
    return output_path


def _check_kind(path: Path) -> None:
    """Refuse what is no FITS in our own words; astropy's speak of its options."""
    with path.open("rb") as stream:
        start = stream.read(START_BYTES)
    if is_fits(start):
        return
    other = other_kind(start)
    raise NoPictureError(
        "cannot make a thumbnail",
        where=path.name,
        why="it is not a FITS file" if other is None else f"it is {other[0]}, not FITS",
        hint="give a stack" if other is None else other[1],
    )


def _load(path: Path) -> _Picture:
    _check_kind(path)
    with fits.open(path) as hdus:
        # A list first: a freshly opened file does not know yet how many HDUs it has.
        images = [hdu for hdu in list(hdus) if hdu.is_image and 0 < hdu.size <= 3 * MAX_PIXELS]
        planes = _colour_planes(images)
        if planes is None:
            raise NoPictureError(
                "cannot make a thumbnail",
                where=path.name,
                why="the file holds no picture of one or three planes",
                hint="give a stack: RED, GREEN and BLUE, a colour cube or a mono image",
            )
        planes = planes.astype(np.float32)
        covered = np.isfinite(planes).all(axis=0)
        footprint = _named(images, ("FOOTPRINT",))
        if footprint is not None and footprint.shape == covered.shape:
            covered &= footprint.data > 0
    return _Picture(np.where(covered, planes, np.float32(0)), covered)


def _colour_planes(images: list[fits.ImageHDU]) -> np.ndarray | None:
    """The picture as (1 or 3, height, width), colours in the order R, G, B; None without any."""
    colours = [_named(images, names) for names in _PLANE_NAMES]
    shapes = {hdu.shape for hdu in colours if hdu is not None}
    if None not in colours and len(shapes) == 1 and len(next(iter(shapes))) == 2:
        return np.stack([hdu.data for hdu in colours if hdu is not None])
    for hdu in images:
        if hdu.name.upper() in _NOT_A_PICTURE:
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


def _reduced(picture: _Picture, max_size: int) -> _Picture:
    """The picture at most ``max_size`` pixels long, by averaging the covered part of areas."""
    height, width = picture.covered.shape
    scale = min(1.0, max_size / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    share = _area_mean(picture.covered.astype(np.float32), size)
    planes = [
        _area_mean(plane, size) / np.maximum(share, np.float32(1e-6)) for plane in picture.planes
    ]
    return _Picture(np.stack(planes), share > 0.5)


def _area_mean(plane: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """A float32 plane reduced to ``size`` (width, height); each pixel is the mean of its area."""
    return np.asarray(Image.fromarray(plane).resize(size, Image.Resampling.BOX))


def _stretched(picture: _Picture) -> list[np.ndarray]:
    """The planes as (height, width) uint8: linear by percentiles, then the skies made equal."""
    covered = picture.covered
    if not covered.any():
        return [np.zeros(covered.shape, dtype=np.uint8) for _ in picture.planes]
    levels = [_linear(plane, covered) for plane in picture.planes]
    skies = [float(np.median(level[covered])) for level in levels]
    target = min(max(min(skies), DARKEST_SKY), BRIGHTEST_SKY)
    powers = [np.log(target) / np.log(sky) if target < sky < 1.0 else 1.0 for sky in skies]
    return [
        np.where(covered, np.rint(255 * level**power), 0).astype(np.uint8)
        for level, power in zip(levels, powers, strict=True)
    ]


def _linear(plane: np.ndarray, covered: np.ndarray) -> np.ndarray:
    """A plane (height, width) as 0 to 1 between the percentiles of its covered pixels."""
    dark, bright = np.percentile(plane[covered], [DARK_PERCENTILE, BRIGHT_PERCENTILE])
    level: np.ndarray = np.clip((plane - dark) / max(bright - dark, 1e-6), 0.0, 1.0)
    return level
