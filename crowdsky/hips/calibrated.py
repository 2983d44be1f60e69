"""Brings a stack to a scale that all stacks of the archive share, so that they can be merged.

The sky is subtracted. A pixel holds light per area of a HiPS pixel, in units that give a star of
magnitude ``ZERO_POINT`` the value 1 in all: cameras, exposures, gains, pixel scales and the air no
longer show, and the colours are balanced, because the zero points of the three planes hold for the
same stars.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from crowdsky.base.arrays import BoolArray
from crowdsky.base.errors import BadDataError
from crowdsky.frames.cards import number
from crowdsky.hips.tile_grid import PIXEL_ARCSEC
from crowdsky.photometry.stack_file import read_stack
from crowdsky.pictures.background import fit_background
from crowdsky.pictures.planes import PicturePlanes
from crowdsky.solving.tan import TanWcs

ZERO_POINT = 25.0
"""Magnitude of a star whose light is 1."""
RIM_SHARE = 0.08
"""Width of the rim in which a stack fades out, relative to its shorter side."""
LEAST_WEIGHT = 1e-3
"""Weight at the very edge, relative to the middle: alone, the edge is shown as it is."""


class NotCalibratedError(BadDataError):
    """A stack lacks what merging it with others takes."""


@dataclass(frozen=True, slots=True)
class CalibratedPicture:
    """A stack that can be merged.

    planes  -- float32 (3, height, width): red, green and blue, light above the sky
    weight  -- float32 (height, width): inverse variance of green, falling towards the edges; 0
               where uncovered
    plate   -- where its pixels are
    """

    planes: NDArray[np.float32]
    weight: NDArray[np.float32]
    plate: TanWcs


def read_calibrated(path: Path) -> CalibratedPicture:
    """Read a stack, subtract its sky and scale it by its zero points.

    Raises:
        NotCalibratedError: it is not solved, or a zero point is missing.
        NoSkyError: it shows too little sky.
        UnreadableStackError: it is no stack of three planes.
    """
    stack = read_stack(path)
    try:
        plate = TanWcs.from_header(stack.header)
    except (KeyError, ValueError) as error:
        raise _unfit(path, f"it has no plate ({error})") from error
    points = [number(stack.header, f"ZP{letter}") for letter in "RGB"]
    if None in points:
        raise _unfit(path, "a plane has no zero point")
    factors = np.array(
        [_scale(point, plate.scale_arcsec) for point in points if point is not None], np.float32
    )
    picture = PicturePlanes(stack.planes, ~stack.uncovered)
    picture = fit_background(picture).subtract_from(picture)
    planes = picture.planes * factors[:, np.newaxis, np.newaxis]
    return CalibratedPicture(planes, _weight(planes[1], picture.covered), plate)


def _unfit(path: Path, why: str) -> NotCalibratedError:
    return NotCalibratedError("could not merge the stack with others", where=path.name, why=why)


def _scale(zero_point: float, scale_arcsec: float) -> float:
    """Return the factor from ADU of a pixel to light of a HiPS pixel."""
    light = 10.0 ** (0.4 * (ZERO_POINT - zero_point))
    return float(light * (PIXEL_ARCSEC / scale_arcsec) ** 2)


def _weight(green: NDArray[np.float32], covered: BoolArray) -> NDArray[np.float32]:
    """Weigh pixels by the noise of the sky in green, fading out towards the edges."""
    if not covered.any():
        return np.zeros(covered.shape, np.float32)
    sky = green[covered]
    noise = 1.4826 * float(np.median(np.abs(sky - np.median(sky))))
    rim = max(1.0, RIM_SHARE * min(covered.shape))
    away = np.minimum(_steps_inside(covered), _steps_inside(covered.T).T) / rim
    t = np.minimum(away, 1.0)
    fade = np.maximum(t * t * (3.0 - 2.0 * t), LEAST_WEIGHT)
    weight = np.where(covered, fade / max(noise, 1e-6) ** 2, 0.0)
    return np.asarray(weight, dtype=np.float32)


def _steps_inside(covered: BoolArray) -> NDArray[np.int64]:
    """Count along each row the pixels to the nearest uncovered one or the edge; 0 if uncovered."""
    columns = np.arange(1, covered.shape[1] + 1)
    gap = np.where(covered, 0, columns)
    before = columns - np.maximum.accumulate(gap, axis=1)
    gap = np.where(covered, 0, columns)[:, ::-1]
    mirrored = np.where(gap > 0, columns, 0)
    after = (columns - np.maximum.accumulate(mirrored, axis=1))[:, ::-1]
    return np.asarray(np.minimum(before, after))
