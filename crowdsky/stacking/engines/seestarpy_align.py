"""Checks and refines the transforms that seestarpy finds between two star lists."""

from __future__ import annotations

import math

import numpy as np

MATCH_RADIUS_PX = 2.0
MAX_SCALE_ERROR = 0.01
"""Relative difference of scale up to which a match is real: focus and refraction change it less."""
MIN_MATCHES = 5
MIN_MATCHED_SHARE = 0.3
FEWEST_TO_FIT = 2
"""Number of stars that a fit needs; one does not tell a rotation."""
CONTROL_STARS = 50
"""Number of stars, the brightest, that astroalign uses."""
REFINEMENTS = 3


def refine(
    matrix: np.ndarray, sources: np.ndarray, target: np.ndarray
) -> tuple[np.ndarray | None, str]:
    """Fit a similarity to all stars that ``matrix`` brings together; or return None and the reason.

    ``matrix`` (3, 3) takes ``sources`` (n, 2) close to ``target`` (m, 2), both in pixels, brightest
    first. The fit makes the result independent of the random search that found ``matrix``.
    """
    sources, target = sources[:CONTROL_STARS], target[:CONTROL_STARS]
    # Three stars always fit a similarity well, so more must agree where there are more.
    fewest = min(len(sources), len(target))
    needed = min(fewest, max(MIN_MATCHES, math.ceil(MIN_MATCHED_SHARE * fewest)))
    for _ in range(REFINEMENTS):
        ours, theirs = _matched(matrix, sources, target)
        if len(ours) < max(needed, FEWEST_TO_FIT):
            return None, f"only {len(ours)} of {fewest} stars match the reference"
        matrix = fit_similarity(sources[ours], target[theirs])
    scale = math.hypot(matrix[0, 0], matrix[1, 0])
    if not abs(scale - 1.0) <= MAX_SCALE_ERROR:
        return None, f"its stars match the reference only at {scale:.3f} times the scale"
    return matrix, ""


def fit_similarity(sources: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Fit the rotation, scale and shift (3, 3) between points (n, 2) by least squares."""
    ours = (sources - sources.mean(axis=0)) @ [1.0, 1.0j]
    theirs = (target - target.mean(axis=0)) @ [1.0, 1.0j]
    turn = np.vdot(ours, theirs) / np.vdot(ours, ours)
    linear = np.array([[turn.real, -turn.imag], [turn.imag, turn.real]])
    matrix = np.eye(3)
    matrix[:2, :2] = linear
    matrix[:2, 2] = target.mean(axis=0) - linear @ sources.mean(axis=0)
    return matrix


def covered_pixels(matrix: np.ndarray, shape: tuple[int, int], margin: float) -> np.ndarray:
    """Compute which stack pixels a sub covers; (height, width) bool.

    ``matrix`` (3, 3) takes pixels of the sub to those of the stack, both of ``shape``. A pixel
    counts if it is at least ``margin`` pixels inside the outermost pixel centres of the sub.
    """
    height, width = shape
    inverse = np.linalg.inv(matrix)
    x, y = np.arange(width), np.arange(height)[:, None]
    sub_x = inverse[0, 0] * x + inverse[0, 1] * y + inverse[0, 2]
    sub_y = inverse[1, 0] * x + inverse[1, 1] * y + inverse[1, 2]
    inside: np.ndarray = (
        (sub_x >= margin)
        & (sub_x <= width - 1 - margin)
        & (sub_y >= margin)
        & (sub_y <= height - 1 - margin)
    )
    return inside


def _matched(
    matrix: np.ndarray, sources: np.ndarray, target: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return indices of sources and targets that are close and each other's nearest."""
    moved = sources @ matrix[:2, :2].T + matrix[:2, 2]
    distance = np.hypot(*(moved[:, None, :] - target[None, :, :]).transpose(2, 0, 1))
    nearest = distance.argmin(axis=1)
    mutual = distance.argmin(axis=0)[nearest] == np.arange(len(sources))
    close = distance[np.arange(len(sources)), nearest] < MATCH_RADIUS_PX
    ours = np.flatnonzero(mutual & close)
    return ours, nearest[ours]
