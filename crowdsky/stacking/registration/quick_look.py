"""Takes a quick look at one raw frame: number and shape of stars, brightness of the sky."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import sep

from crowdsky.stacking.registration.detect import NoStarsApartError, measure_frame

THRESHOLD_SIGMA = 5.0
SATURATED_ADU = 60_000
MEASURED_STARS = 40
"""Number of stars, the brightest, that the width is measured on; more would only cost time."""
BOX_RADIUS_PX = 5
HOT_SHARE = 0.6
"""Share of the light above its surroundings in one mosaic pixel that marks a hot pixel; stars stay
below 0.4."""

ALL_CELLS = ((0, 1, 2, 3),)
"""The cells of the 2x2 pattern as one plane: shapes are those of the light of all colours."""

FLATTEST = -1e-6
"""Curvature of the logarithm of a star's light, per px^2, from which it is flat but for rounding:
the star would be a thousand pixels wide."""

_FWHM_PER_SIGMA = 2.0 * math.sqrt(2.0 * math.log(2.0))


@dataclass(frozen=True, slots=True)
class FrameLook:
    """What a quick look at a raw frame shows."""

    n_stars: int
    fwhm_px: float
    """Median FWHM of the bright stars, pixels of the mosaic; NaN without a measurable star."""
    ellipticity: float
    """Median 1 - b/a of the stars, 0 for round ones; NaN without a measurable star."""
    sky_adu: float
    """Median of all pixels of all colours, ADU."""


def look_at(mosaic: np.ndarray, scale_end: float = math.inf) -> FrameLook:
    """Count and measure the stars of a mosaic (height, width) in ADU, of any number type.

    Pixels saturate at ``scale_end`` as far as the file says, ADU.
    """
    height, width = (side // 2 * 2 for side in mosaic.shape)
    grey = bin_by_two(mosaic[:height, :width])
    background = sep.Background(grey)
    sources = sep.extract(grey - background, THRESHOLD_SIGMA * background.globalrms)
    centres = 2.0 * np.column_stack([sources["x"], sources["y"]]) + 0.5
    order = np.argsort(-sources["flux"], kind="stable")
    centres = centres[order][~hot_pixels(mosaic, centres[order])]
    widths = [_fwhm(mosaic, x, y) for x, y in centres[:MEASURED_STARS]]
    measured = [value for value in widths if math.isfinite(value)]
    return FrameLook(
        n_stars=len(centres),
        fwhm_px=float(np.median(measured)) if measured else math.nan,
        ellipticity=_ellipticity(mosaic[:height, :width], scale_end),
        sky_adu=float(np.median(mosaic)),
    )


def _ellipticity(mosaic: np.ndarray, scale_end: float) -> float:
    """Measure the shape of the stars as ``detect`` does for the other engine."""
    pixels = np.ascontiguousarray(mosaic, np.float32)
    try:
        return measure_frame(pixels, ALL_CELLS, scale_end).ellipticity
    except NoStarsApartError:
        return math.nan


def bin_by_two(mosaic: np.ndarray) -> np.ndarray:
    """Average each 2x2 cell, which gives a grey picture without the Bayer pattern; float32.

    ``mosaic`` is (height, width), both even.
    """
    grey = mosaic[0::2, 0::2].astype(np.float32)
    for row, column in ((0, 1), (1, 0), (1, 1)):
        grey += mosaic[row::2, column::2]
    return grey * np.float32(0.25)


def hot_pixels(mosaic: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """Tell which of the sources at ``centres`` (n, 2: x, y) are single bright pixels; (n,) bool.

    A hot pixel stays in place on the sensor while the sky moves, so it must not take part in an
    alignment.
    """
    return np.array([_is_hot(mosaic, x, y) for x, y in centres], dtype=bool)


def _is_hot(mosaic: np.ndarray, x: float, y: float) -> bool:
    box, _, _ = _box(mosaic, x, y, 2)
    light = box - np.median(box)
    total = light[light > 0].sum()
    return bool(total > 0 and light.max() > HOT_SHARE * total)


def _box(mosaic: np.ndarray, x: float, y: float, radius: int) -> tuple[np.ndarray, int, int]:
    """Cut out the pixels around a position, and return the first column and row of the box, too."""
    left, top = max(round(x) - radius, 0), max(round(y) - radius, 0)
    box = mosaic[top : round(y) + radius + 1, left : round(x) + radius + 1]
    return box.astype(np.float64), left, top


def _fwhm(mosaic: np.ndarray, x: float, y: float) -> float:
    """Fit a Gaussian to the logarithm of a star's bright pixels; FWHM in pixels.

    The cells of a mosaic differ in colour, so each of the four has its own sky and its own level of
    the star's light in the fit. NaN when the star is saturated, too close to the edge or too faint.
    """
    box, left, top = _box(mosaic, x, y, BOX_RADIUS_PX)
    side = 2 * BOX_RADIUS_PX + 1
    if box.shape != (side, side) or box.max() > SATURATED_ADU:
        return math.nan
    rows, columns = np.mgrid[top : top + side, left : left + side].astype(np.float64)
    dx, dy = columns - x, rows - y
    equations, values, weights = [], [], []
    for cell in range(4):
        same = ((rows % 2) * 2 + columns % 2) == cell
        light = box - np.percentile(box[same], 25)
        bright = same & (light > 0.25 * light[same].max()) & (light > 0)
        flux = light[bright]
        own_level = np.zeros((flux.size, 4))
        own_level[:, cell] = 1.0
        shape = np.column_stack([dx[bright], dy[bright], dx[bright] ** 2 + dy[bright] ** 2])
        equations.append(np.hstack([own_level, shape]))
        values.append(np.log(flux))
        weights.append(flux)
    matrix, target, weight = np.vstack(equations), np.concatenate(values), np.concatenate(weights)
    if len(target) < 10:
        return math.nan
    solution = np.linalg.lstsq(matrix * weight[:, None], target * weight, rcond=None)[0]
    curvature = float(solution[6])
    return _FWHM_PER_SIGMA * math.sqrt(-0.5 / curvature) if curvature < FLATTEST else math.nan
