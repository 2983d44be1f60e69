"""Adaptive reconstruction: detail stays where the picture shows any, noise is smoothed elsewhere.

Debayering has to choose between sharp stars and quiet sky. Like the edge-aware methods of other
programs this takes both, but it decides once, on the finished stack, where the signal is known
best: the difference between the picture and a slightly smoothed one is kept where it is larger
than its noise (Wiener's filter on the finest scale) and dropped where it is nothing but noise.
The sum of the light is not changed, and no pixel looks further than a few pixels around.
"""

from __future__ import annotations

from concurrent.futures import Executor

import numpy as np

from worker.stacking.kernels_detail import keep_detail_band

EXCESS = 2.0
"""Mean square of detail, over that of noise, from which on it begins to count as signal."""
BAND_ROWS = 128
SAMPLE_ROWS = 12
BLOCKS = 6


def keep_detail(planes: np.ndarray, footprint: np.ndarray, pool: Executor) -> np.ndarray:
    """The picture (planes, height, width) float32 with the noise of its finest scale reduced."""
    sigma = detail_noise(planes, footprint)
    if not (sigma > 0.0).all():
        return planes
    out = np.empty_like(planes)
    height = planes.shape[1]

    def run(y0: int) -> None:
        y1 = min(y0 + BAND_ROWS, height)
        keep_detail_band(planes, footprint, 1.0 / sigma**2, EXCESS, y0, y1, out)

    list(pool.map(run, range(0, height, BAND_ROWS)))
    out[:, footprint == 0] = 0.0
    return out


def detail_noise(planes: np.ndarray, footprint: np.ndarray) -> np.ndarray:
    """Sigma of the detail of empty sky per plane, (planes,) ADU, as if one frame had seen it.

    From a sample of rows, block by block; the lower quartile of the blocks is free of the stars
    of a crowded field.
    """
    middle = np.arange(1, planes.shape[1] - 1, SAMPLE_ROWS)
    rows = [planes[:, middle + step].astype(np.float64) for step in (-1, 0, 1)]
    mixed = 0.2 * (rows[0] + 3.0 * rows[1] + rows[2])
    smooth = 0.2 * (mixed[:, :, :-2] + 3.0 * mixed[:, :, 1:-1] + mixed[:, :, 2:])
    seen = footprint[middle][:, 1:-1]
    detail = (rows[1][:, :, 1:-1] - smooth) * np.sqrt(seen)
    sigma = np.empty(len(planes))
    for plane, values in enumerate(detail):
        spreads = [
            1.4826 * np.median(np.abs(block[block != 0.0]))
            for strip in np.array_split(values, BLOCKS, axis=0)
            for block in np.array_split(strip, BLOCKS, axis=1)
            if np.count_nonzero(block) > 50
        ]
        sigma[plane] = np.quantile(spreads, 0.25) if spreads else 0.0
    return sigma
