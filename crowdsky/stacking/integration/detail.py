"""Adaptive reconstruction: keeps detail where the picture shows something, smooths noise elsewhere.

Debayering has to choose between sharp stars and a quiet sky. Like the edge-aware methods of other
programs this gives both, but it decides only once, on the finished stack, where the signal is known
best. Pixels that stand out from their surroundings in all colours together are kept; a star does so
long before it can be seen in single pixels. The others are smoothed by a binomial 3 x 3 mean, with
a ramp in between. As in Perona and Malik's anisotropic diffusion (1990), neighbours exchange light
according to how calm both of them are: one gets what the other gives, so the total stays the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor

import numpy as np

from crowdsky.stacking.kernels.detail import contrast_band, keep_detail_band

BAND_ROWS = 128
SAMPLE_ROWS = 12
BLOCKS = 6
MIN_SAMPLE = 50
"""Number of pixels that the noise of a block is measured on at least."""


def keep_detail(planes: np.ndarray, footprint: np.ndarray, pool: Executor) -> np.ndarray:
    """Reduce the noise of the finest scale of a picture.

    Args:
        planes: float32 (planes, height, width), ADU.
        footprint: int32 (height, width), frames per pixel.
        pool: runs the bands of rows.

    Returns new planes, 0 where nothing is covered; the same array if there is no noise.
    """
    sigma = detail_noise(planes, footprint, pool)
    if not (sigma > 0.0).all():
        return planes
    height = planes.shape[1]
    firsts = range(0, height, BAND_ROWS)
    contrast = np.empty(footprint.shape, np.float32)
    out = np.empty_like(planes)

    def look(y0: int) -> None:
        y1 = min(y0 + BAND_ROWS, height)
        contrast_band(planes, footprint, 1.0 / sigma, y0, y1, contrast)

    def smooth(y0: int) -> None:
        y1 = min(y0 + BAND_ROWS, height)
        keep_detail_band(planes, footprint, contrast, noise, y0, y1, out)

    list(pool.map(look, firsts))
    noise = contrast_noise(contrast)
    if not noise > 0.0:
        return planes
    list(pool.map(smooth, firsts))
    out[:, footprint == 0] = 0.0
    return out


def detail_noise(planes: np.ndarray, footprint: np.ndarray, pool: Executor) -> np.ndarray:
    """Measure sigma of the difference between empty sky and its smoothed picture, for one frame.

    Per plane, (planes,) in ADU, from a sample of rows.
    """
    middle = np.arange(1, planes.shape[1] - 1, SAMPLE_ROWS)
    frames = np.sqrt(footprint[middle][:, 1:-1])

    def noise_of(plane: np.ndarray) -> float:
        rows = [plane[middle + step].astype(np.float64) for step in (-1, 0, 1)]
        mixed = 0.25 * (rows[0] + 2.0 * rows[1] + rows[2])
        smooth = 0.25 * (mixed[:, :-2] + 2.0 * mixed[:, 1:-1] + mixed[:, 2:])
        return _quiet_scatter((rows[1][:, 1:-1] - smooth) * frames)

    return np.array(list(pool.map(noise_of, planes)))


def contrast_noise(contrast: np.ndarray) -> float:
    """Measure sigma of the contrast (height, width) where there is nothing."""
    return _quiet_scatter(contrast[SAMPLE_ROWS // 2 :: SAMPLE_ROWS])


def _quiet_scatter(values: np.ndarray) -> float:
    """Measure the robust sigma of the quieter blocks of a field; 0 without enough pixels.

    The lower quartile of the blocks is free of stars even in a crowded field.
    """
    spreads = [
        1.4826 * float(np.median(np.abs(block[block != 0.0])))
        for block in _blocks(values)
        if np.count_nonzero(block) > MIN_SAMPLE
    ]
    return float(np.quantile(spreads, 0.25)) if spreads else 0.0


def _blocks(values: np.ndarray) -> Iterator[np.ndarray]:
    for strip in np.array_split(values, BLOCKS, axis=0):
        yield from np.array_split(strip, BLOCKS, axis=1)
