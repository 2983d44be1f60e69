"""The noise of registered frames: of a sample, and its correlation with that of its neighbours.

Debayering fills three quarters of red and blue from neighbours, and interpolation mixes them once
more. So the noise of an aperture is not that of its pixels, added up. Both follow from the filters
alone: the responses of the real kernels to single raw pixels give the covariance of debayered
noise, and the weights of the interpolation at the positions of a frame spread it further.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence

import numpy as np

from crowdsky.stacking.integration.reconstruct import Reconstruction, Taps
from crowdsky.stacking.kernels.decode import MARGIN
from crowdsky.stacking.kernels.samples import Part, Samples
from crowdsky.stacking.kernels.warp import WarpedFrame, warp_mosaic
from crowdsky.stacking.registration.transform import IDENTITY, Affine

APERTURE_PX = 5.0
"""Radius of the aperture that the correlation is given for, pixels."""
REACH = 7
"""Distance in pixels, along rows and columns, up to which samples are correlated."""
DEBAYER_REACH, TAPS_REACH = 4, 3
PLACES = 256
"""Number of positions of a frame that the weights of its interpolation are averaged over."""
RED = (0, 0)
CELLS = ((0, 0),), ((0, 1), (1, 0)), ((1, 1),)
"""Cells of red, green and blue in a pattern that starts with red; others only shift it."""
IMPULSE = 4096.0


def sample_covariance(
    how: Reconstruction, noise: np.ndarray, inverse: Affine, size: tuple[int, int]
) -> np.ndarray:
    """Compute the covariance of the samples of a frame with each other, averaged over the frame.

    Args:
        how: debayering and interpolation.
        noise: sigma of a raw pixel, ADU, (planes,): per colour, or of a monochrome sensor.
        inverse: (a, b, c, d, e, f) from stack to frame pixels.
        size: (height, width) of the stack.

    Returns (planes, 2 REACH + 1, 2 REACH + 1) in ADU squared, by the distance along y and x; the
    one in the middle is the variance of a sample.
    """
    raw = np.tensordot(_debayered(how.sharp, len(noise) == 1), noise**2, axes=(1, 0))
    spread = _spread(how.taps, inverse, size)
    wide = np.zeros((len(raw), 2 * REACH + 1, 2 * REACH + 1))
    reach = 2 * DEBAYER_REACH + 1
    for (row, column), share in np.ndenumerate(spread):
        wide[:, row : row + reach, column : column + reach] += share * raw
    return wide


def aperture_correlation(covariance: np.ndarray, median_of: int = 1) -> np.ndarray:
    """Compute the variance of an aperture sum over the sum of the variances of its pixels.

    Args:
        covariance: of samples, (planes, 2 REACH + 1, 2 REACH + 1).
        median_of: number of frames that a median was taken of; 1 for a mean, which keeps the
            correlation. A median of many weakens it to 2 / pi asin(correlation).

    Returns (planes,) for an aperture of radius APERTURE_PX.
    """
    variance = covariance[:, REACH, REACH]
    known = np.where(variance > 0.0, variance, 1.0)
    correlation = np.clip(covariance / known[:, None, None], -1.0, 1.0)
    share = 1.0 - 1.0 / median_of
    correlation += share * (2.0 / math.pi * np.arcsin(correlation) - correlation)
    correlation[:, REACH, REACH] = 1.0
    return np.asarray((correlation * _overlap()).sum(axis=(1, 2)))


def kept_by_resampling(
    covariance: np.ndarray, how: Reconstruction, inverse: Affine, size: tuple[int, int]
) -> np.ndarray:
    """Compute the share of the variance of pixels that is left when they are interpolated again.

    ``covariance`` is theirs, ``inverse`` and ``size`` are as for ``sample_covariance``; (planes,).
    """
    near = slice(REACH - TAPS_REACH, REACH + TAPS_REACH + 1)
    after = (covariance[:, near, near] * _spread(how.taps, inverse, size)).sum(axis=(1, 2))
    return np.asarray(after / covariance[:, REACH, REACH])


def _overlap() -> np.ndarray:
    """Return the share of an aperture that overlaps with itself, moved by each distance."""
    away = np.hypot(*np.mgrid[-REACH : REACH + 1, -REACH : REACH + 1])
    half = np.clip(away / (2.0 * APERTURE_PX), 0.0, 1.0)
    return np.asarray(2.0 / math.pi * (np.arccos(half) - half * np.sqrt(1.0 - half**2)))


@functools.lru_cache(maxsize=4)
def _debayered(sharp: float, mono: bool) -> np.ndarray:
    """Compute the covariance of debayered noise for white noise of variance 1 in each raw colour.

    Averaged over the pattern: (planes, raw colours, 2 DEBAYER_REACH + 1, 2 DEBAYER_REACH + 1).
    """
    side = 2 * DEBAYER_REACH + 1
    if mono:
        alone = np.zeros((1, 1, side, side))
        alone[0, 0, DEBAYER_REACH, DEBAYER_REACH] = 1.0
        return alone
    found = np.zeros((3, 3, side, side))
    for colour, cells in enumerate(CELLS):
        for response in _responses(sharp, cells):
            for row in range(side):
                for column in range(side):
                    moved = np.roll(response, (row - 4, column - 4), axis=(1, 2))
                    found[:, colour, row, column] += (response * moved).sum(axis=(1, 2)) / 4.0
    return found


def _responses(sharp: float, cells: Sequence[tuple[int, int]]) -> list[np.ndarray]:
    """Debayer mosaics of a single bright pixel in a cell; (3, rows, columns), relative to it."""
    side, middle = 24, 12
    responses = []
    for y, x in cells:
        band = np.zeros((side + 2 * MARGIN, side + 2 * MARGIN), np.float32)
        band[MARGIN + middle + y, MARGIN + middle + x] = IMPULSE
        frame = WarpedFrame(
            (side, side), RED, IDENTITY, np.zeros((3, 3)), 1.0, sharp, Reconstruction().table
        )
        scratch = np.zeros(frame.scratch_elements(side), np.float32)
        samples = Samples((side, 3, 1, side))
        warp_mosaic(frame, band, -MARGIN, scratch, Part(samples, 0, 0, 0, side))
        responses.append(samples.values[:, :, 0, :side].transpose(1, 0, 2) / IMPULSE)
    return responses


def _spread(taps: Taps, inverse: Affine, size: tuple[int, int]) -> np.ndarray:
    """Compute the mean products of the weights of an interpolation, by their distance.

    Returns (2 TAPS_REACH + 1, 2 TAPS_REACH + 1), along y and x of the frame.
    """
    a, b, c, d, e, f = inverse
    height, width = size
    # Steps of the golden ratio and of a second irrational number fill the picture evenly.
    place = np.arange(PLACES)
    x = np.floor(width * (place * 0.7548776662 % 1.0))
    y = np.floor(height * (place * 0.5698402910 % 1.0))
    along_x = _products(taps, a * x + b * y + c)
    along_y = _products(taps, d * x + e * y + f)
    return np.asarray(along_y.T @ along_x / PLACES)


def _products(taps: Taps, position: np.ndarray) -> np.ndarray:
    """Compute the products of the four weights at positions, summed by their distance."""
    t = position - np.floor(position)
    powers = np.stack([np.ones_like(t), t, t * t, t**3])
    weights = (np.array(taps, np.float64) @ powers).T
    sums = np.zeros((len(t), 2 * TAPS_REACH + 1))
    for distance in range(TAPS_REACH + 1):
        total = (weights[:, : 4 - distance] * weights[:, distance:]).sum(axis=1)
        sums[:, TAPS_REACH + distance] = sums[:, TAPS_REACH - distance] = total
    return sums
