"""Finds defective pixels of the sensor in the chunk's own frames.

A hot pixel stands out from its own colour in frame after frame, while stars move by dithering or
field rotation. Where they do not move enough, or with only one or two frames, the shape decides: a
star illuminates the neighbours of other colours, too, and a defect does not.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor

import numpy as np

from crowdsky.frames.fits_header import MONO
from crowdsky.stacking.integration.mosaic import Defects, Mosaic
from crowdsky.stacking.kernels.frame import add_residuals, cell_noise, mean_stamps, outstanding

MAX_SAMPLE = 16
"""Number of frames of the chunk that are examined; more would hardly find fainter defects."""
LIMIT_SIGMA = 6.5
"""Limit of the mean residual in sigma; a lower one would find noise among two million pixels."""
LONE_LIMIT_SIGMA = 9.0
"""The same with one or two frames, where only the shape distinguishes a defect from a star."""
MOVING_FRAMES = 3
"""Number of frames from which a star is recognised by its motion over the sensor."""
RESIDUAL_SIGMA = 1.15
"""Scatter of a residual in sigma of a pixel; more than 1, because the neighbours have noise,
too."""
STAMP_RADIUS = 4
"""Half side of a stamp in pixels; even, so that its colours are symmetric about its middle."""
NEIGHBOUR_SHARE = 0.1
"""Share of the excess of a defect that its neighbours may have; those of a star have a third."""
NOISE_ROWS = 8
MIN_NOISE_ADU = 0.5
"""Noise in ADU that is assumed at least; it only avoids a division by zero in artificial frames."""
BLOCK_ROWS = 128
"""Number of rows of a block; even, so that each begins with the first row of the colour pattern."""
MAX_CANDIDATES = 5_000
"""Number of candidates in one block."""

Tick = Callable[[int, int], None]


def find_defects(mosaics: Sequence[Mosaic], pool: Executor, tick: Tick) -> Defects:
    """Find hot and cold pixels of the sensor that took these frames.

    Args:
        mosaics: the frames, at least one, all of the same size and pattern.
        pool: runs the blocks of rows.
        tick: called with (done, total) between blocks; it may raise to cancel.
    """
    sample = _spread(mosaics, MAX_SAMPLE)
    height = sample[0].size[0]
    firsts = range(0, height - 2 * STAMP_RADIUS, BLOCK_ROWS)
    blocks = pool.map(lambda first: _defects_in_block(sample, first), firsts)
    found = []
    for done, block in enumerate(blocks):
        tick(done, len(firsts))
        found.append(block)
    y, x = (np.concatenate(part) for part in zip(*found, strict=True))
    return Defects.at(y, x)


def _defects_in_block(sample: Sequence[Mosaic], first: int) -> tuple[np.ndarray, np.ndarray]:
    """Find rows and columns of the defects in a block of rows, in all frames at once."""
    height, width = sample[0].size
    # Some more rows on both sides, because a pixel is compared with its neighbours.
    top, bottom = max(0, first - STAMP_RADIUS), min(height, first + BLOCK_ROWS + STAMP_RADIUS)
    step = 1 if sample[0].frame.header.pattern == MONO else 2
    clip, limit = _thresholds(len(sample))
    pixels = np.empty((len(sample), bottom - top, width), np.float32)
    residual = np.zeros((bottom - top, width), np.float32)
    noise = 0.0
    for index, mosaic in enumerate(sample):
        mosaic.read(top, bottom, pixels[index])
        noise_of_cell = np.maximum(cell_noise(pixels[index], NOISE_ROWS), MIN_NOISE_ADU)
        noise += float(noise_of_cell.mean()) / len(sample)
        add_residuals(pixels[index], step, noise_of_cell, clip, residual)
    y, x = _candidates(residual, limit * len(sample))
    if y.size == 0:
        return y, x
    stamps = mean_stamps(pixels, y, x, 2 * STAMP_RADIUS + 1)
    only_shape = len(sample) < MOVING_FRAMES
    lonely = _stand_alone(stamps, noise / len(sample) ** 0.5, only_shape=only_shape)
    return y[lonely] + top, x[lonely]


def _spread(mosaics: Sequence[Mosaic], count: int) -> list[Mosaic]:
    """Choose at most ``count`` of the frames, spread evenly over the chunk."""
    if len(mosaics) <= count:
        return list(mosaics)
    return [mosaics[round(k * (len(mosaics) - 1) / (count - 1))] for k in range(count)]


def _thresholds(n_frames: int) -> tuple[float, float]:
    """Return (clip of a single residual, limit of the mean residual), both in sigma.

    The clip keeps a star that crosses a pixel in a minority of the frames below the limit.
    """
    if n_frames < MOVING_FRAMES:
        return np.inf, LONE_LIMIT_SIGMA
    limit = LIMIT_SIGMA * RESIDUAL_SIGMA / n_frames**0.5
    return max(4.0, 1.5 * limit), limit


def _candidates(residual: np.ndarray, limit: float) -> tuple[np.ndarray, np.ndarray]:
    """Find pixels whose summed residual exceeds the limit, or the strongest of too many."""
    y, x = outstanding(residual, STAMP_RADIUS, limit)
    if y.size > MAX_CANDIDATES:
        strongest = np.argsort(-np.abs(residual[y, x]), kind="stable")[:MAX_CANDIDATES]
        y, x = y[strongest], x[strongest]
    return y, x


def _stand_alone(stamps: np.ndarray, noise: float, *, only_shape: bool) -> np.ndarray:
    """Tell which of the mean stamps (n, 2 R + 1, 2 R + 1) show a single defect, not a star; (n,).

    The sky of each colour is the median of its pixels in the stamp. A star illuminates most of the
    eight pixels around its peak, and around any pixel of its flanks. The median of the eight is not
    misled by a second defect beside the first. With ``only_shape`` their mean has to agree, because
    in a moment of good seeing the light of a star falls on two or three pixels, which the median
    does not see; two defects side by side then remain in the picture.
    """
    light = stamps.copy()
    for row in (0, 1):
        for column in (0, 1):
            cell = stamps[:, row::2, column::2]
            light[:, row::2, column::2] -= np.median(cell, axis=(1, 2))[:, None, None]
    r = STAMP_RADIUS
    own = light[:, r, r]
    around = light[:, r - 1 : r + 2, r - 1 : r + 2].reshape(len(light), 9)[
        :, [0, 1, 2, 3, 5, 6, 7, 8]
    ]
    most = np.maximum(NEIGHBOUR_SHARE * np.abs(own), noise)
    alone = np.median(around, axis=1) * np.sign(own) < most
    if only_shape:
        alone &= around.mean(axis=1) * np.sign(own) < most
    return np.asarray(alone)
