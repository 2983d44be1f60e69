"""Divides the work of an integration into bands, strips and tasks, for any number of threads."""

from __future__ import annotations

import math
import os
from itertools import pairwise

BAND_BYTES = 64 << 20
"""Memory in bytes for the samples of one band. In a rotated field a band shares many source rows
with its neighbours, so that low bands cost more; more memory would put a stack above 400 MB in
all."""
MAX_BAND_ROWS = 128
MIN_BAND_ROWS = 4
STRIPS = 4
"""Number of strips of rows in which a band is combined, and few frames are warped at most."""
WARP_TASKS = 8
"""Number of tasks that occupies all threads; more strips would read more rows twice."""
MIN_STRIP_ROWS = 6
FEW_FRAMES = 32
"""Number of frames up to which one frame per task does not occupy all threads evenly."""
MAX_THREADS = 8


def bands_of(height: int, bytes_per_row: int) -> list[tuple[int, int]]:
    """Divide a picture into bands of rows [first, stop) of bounded memory."""
    rows = max(MIN_BAND_ROWS, min(MAX_BAND_ROWS, BAND_BYTES // bytes_per_row))
    return [(y0, min(y0 + rows, height)) for y0 in range(0, height, rows)]


def strips_of(y0: int, y1: int, count: int = STRIPS) -> list[tuple[int, int, int]]:
    """Return rows [first, stop) of the strips of a band, each with the first row of the band."""
    rows = max(MIN_STRIP_ROWS, math.ceil((y1 - y0) / count))
    return [(y, min(y + rows, y1), y0) for y in range(y0, y1, rows)]


def warp_tasks(n_frames: int, y0: int, y1: int) -> list[tuple[range, int, int, int]]:
    """Return the tasks of a band: frames, rows [first, stop), and the first row of the band."""
    if n_frames <= FEW_FRAMES:
        parts = strips_of(y0, y1, min(STRIPS, math.ceil(WARP_TASKS / n_frames)))
        return [(range(frame, frame + 1), *strip) for frame in range(n_frames) for strip in parts]
    count = FEW_FRAMES
    edges = [n_frames * part // count for part in range(count + 1)]
    return [(range(a, b), y0, y1, y0) for a, b in pairwise(edges)]


def cpus() -> int:
    """Return the number of processors that this process may use, at most MAX_THREADS."""
    if hasattr(os, "sched_getaffinity"):
        return min(MAX_THREADS, len(os.sched_getaffinity(0)))
    return min(MAX_THREADS, os.cpu_count() or 1)
