"""How good a stack is: the same measurements for every tool, none of them the engine's own.

All work on planes (3, height, width) float32 with the sky subtracted. Positions are 0-based.
Star lists are given in the pixels of the stack that is measured.
"""

from __future__ import annotations

import math

import numpy as np
import sep
from scipy.optimize import least_squares

from crowdsky.frames.rounding import rounding_of

FIT_RADIUS_PX = 7
MAX_POWER = 50.0
LINES_BESIDE_PX = (-75, -60, -45, -30, 30, 45, 60, 75)
SIGMA_TO_FWHM = 2.3548


def without_sky(planes: np.ndarray, covered: np.ndarray) -> np.ndarray:
    """The planes minus a smooth background, and zero outside of ``covered``."""
    flat = np.empty(planes.shape, np.float32)
    for index, plane in enumerate(planes):
        native = np.ascontiguousarray(plane, dtype=np.float32)
        background = sep.Background(native, mask=~covered, bw=64, bh=64, fw=5, fh=5)
        flat[index] = native - background.back()
        flat[index][~covered] = 0.0
    return flat


def detect(luminance: np.ndarray, sigma: float = 4.0) -> np.ndarray:
    """Sources of a sky-subtracted picture, brightest first: sep's table."""
    noise = _sky_noise(luminance)
    sources = sep.extract(luminance, sigma, err=noise, minarea=5)
    return np.asarray(sources[np.argsort(-sources["flux"], kind="stable")])


def windowed(luminance: np.ndarray, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Windowed centroids near the given positions."""
    new_x, new_y, _ = sep.winpos(luminance, x, y, np.full(x.size, 1.3))
    return new_x, new_y


def aperture_light(picture: np.ndarray, x: np.ndarray, y: np.ndarray, radius: float) -> np.ndarray:
    """Light within circles of a radius in px at n places, (n,)."""
    light, _, _ = sep.sum_circle(picture, x, y, radius, subpix=5)
    return np.asarray(light)


def star_widths(
    plane: np.ndarray, x: np.ndarray, y: np.ndarray, count: int = 40
) -> tuple[float, float]:
    """Median FWHM in px and ellipticity of the first ``count`` stars: elliptical Gaussian fits."""
    widths, shapes = [], []
    r = FIT_RADIUS_PX
    rows, columns = np.mgrid[-r : r + 1, -r : r + 1]
    for star_x, star_y in zip(x[:count], y[:count], strict=True):
        if not (np.isfinite(star_x) and np.isfinite(star_y)):
            continue
        ix, iy = round(float(star_x)), round(float(star_y))
        box = plane[max(iy - r, 0) : iy + r + 1, max(ix - r, 0) : ix + r + 1].astype(float)
        if box.shape != rows.shape or not np.isfinite(box).all() or box[r, r] <= 0:
            continue
        fitted = _fit_star(box, columns, rows, float(star_x) - ix, float(star_y) - iy)
        if fitted is not None:
            widths.append(fitted[0])
            shapes.append(fitted[1])
    if not widths:
        return float("nan"), float("nan")
    return float(np.median(widths)), float(np.median(shapes))


def _fit_star(
    box: np.ndarray, columns: np.ndarray, rows: np.ndarray, x: float, y: float
) -> tuple[float, float] | None:
    def off(p: np.ndarray) -> np.ndarray:
        dx, dy = columns - p[1], rows - p[2]
        power = 0.5 * (p[3] * dx * dx + p[4] * dy * dy + 2.0 * p[5] * dx * dy)
        # A fit that runs away grows where a star falls off: bounded, it has finite residuals.
        form = np.exp(np.minimum(-power, MAX_POWER))
        return np.asarray((p[0] * form + p[6] - box).ravel())

    start = np.array([box.max(), x, y, 0.5, 0.5, 0.0, 0.0])
    fit = least_squares(off, start, method="lm", max_nfev=200)
    if not np.isfinite(fit.x).all() or not fit.x[0] > rounding_of(float(box.max())):
        return None
    form = np.linalg.eigvalsh([[fit.x[3], fit.x[5]], [fit.x[5], fit.x[4]]])
    if not fit.success or form[0] <= 0.02 or np.hypot(fit.x[1] - x, fit.x[2] - y) > 2.0:
        return None
    wide, narrow = 1.0 / np.sqrt(form)
    return SIGMA_TO_FWHM * float(np.sqrt(wide * narrow)), 1.0 - float(narrow / wide)


def line_excess(
    picture: np.ndarray, x: np.ndarray, y: np.ndarray, across: np.ndarray
) -> tuple[float, float]:
    """By how much ``line_light`` is higher than on lines beside it, and its statistical error.

    Both are NaN without points.

    They show what one finds where nothing is: light of faint stars, and noise whose neighbouring
    pixels are not independent, so that their number would make too little of the error.
    """
    beside = [
        line_light(picture, x + off * across[0], y + off * across[1], across)
        for off in LINES_BESIDE_PX
    ]
    error = float(np.std(beside, ddof=1)) * (1.0 + 1.0 / len(beside)) ** 0.5
    return line_light(picture, x, y, across) - float(np.mean(beside)), error


def line_light(picture: np.ndarray, x: np.ndarray, y: np.ndarray, across: np.ndarray) -> float:
    """Light of a line above its surroundings.

    ``x``, ``y`` are points along it and ``across`` the unit vector (2,) at right angles; the
    surroundings are what lies 7 to 11 px to both sides. NaN without points.
    """
    if x.size == 0:
        return math.nan
    on = np.median([_at(picture, x + o * across[0], y + o * across[1]) for o in (-1, 0, 1)], axis=0)
    aside = np.concatenate([np.arange(-11, -6), np.arange(7, 12)])
    off = np.median([_at(picture, x + o * across[0], y + o * across[1]) for o in aside], axis=0)
    difference = on - off
    kept = near_median(difference, 4.0)
    return float(difference[kept].mean()) if kept.any() else math.nan


def point_light(picture: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Value of the nearest pixel at each point minus the median of a ring around it; (n,)."""
    angle = np.linspace(0.0, 2.0 * np.pi, 16, endpoint=False)
    ring_x, ring_y = x[:, None] + 5.0 * np.cos(angle), y[:, None] + 5.0 * np.sin(angle)
    return np.asarray(_at(picture, x, y) - np.median(_at(picture, ring_x, ring_y), axis=1))


def _at(picture: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    height, width = picture.shape
    row = np.clip(np.rint(y).astype(int), 0, height - 1)
    column = np.clip(np.rint(x).astype(int), 0, width - 1)
    return np.asarray(picture[row, column])


def scatter(values: np.ndarray) -> float:
    """Standard deviation by the median of absolute deviations; NaN without values."""
    if values.size == 0:
        return math.nan
    middle = np.median(values)
    return float(1.4826 * np.median(np.abs(values - middle)))


def near_median(values: np.ndarray, sigmas: float) -> np.ndarray:
    """Which values lie within so many standard deviations (``scatter``) of their median; (n,) bool.

    Those without a value never do. At least half of the others do, however little they differ: a
    value *at* the limit stays, and from 1 on the limit is not below their median distance.
    """
    known: np.ndarray = np.isfinite(values)
    if not known.any():
        return known
    off = np.abs(values - np.median(values[known]))
    return np.asarray(known & (off <= sigmas * scatter(values[known])))


def _sky_noise(luminance: np.ndarray) -> float:
    """Noise of a pixel of empty sky, never less than the pixels' own rounding."""
    return max(scatter(luminance[::3, ::3]), _rounding(luminance))


def _rounding(picture: np.ndarray) -> float:
    return rounding_of(float(np.abs(picture).max(initial=0.0)))
