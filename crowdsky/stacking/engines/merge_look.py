"""Measures a finished stack for a merge: its stars, its sky and its noise."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from crowdsky.stacking.product.finished import FinishedStack
from crowdsky.stacking.product.merge_check import CannotMergeError
from crowdsky.stacking.registration.detect import FrameMeasure, Mesh, measure_frame

BLOCK_PX = 4
"""Side in pixels of the blocks whose means the noise is measured on: neighbours are correlated."""
GREY: tuple[tuple[int, ...], ...] = ((0, 1, 2, 3),)


@dataclass(frozen=True, slots=True)
class Look:
    """Measurement of a stack: stars in grey, and sky per colour.

    ``variance`` (planes,) is that of a pixel of empty sky as one sub would show it, ADU squared;
    ``of_sums`` (planes,) the same for the noise that is left in a sum of pixels, which counts for
    stars.
    """

    measure: FrameMeasure
    mesh: Mesh
    variance: np.ndarray
    of_sums: np.ndarray


def look_at(stack: FinishedStack, *, noise_known: bool) -> Look:
    """Measure a stack; for that, uncovered pixels get the level of the sky.

    Variances are those that the stack knows, with ``noise_known``; else they are measured, for
    comparison with stacks that do not know theirs.
    """
    planes, counts = stack.rows(0, stack.size[0])
    covered = counts > 0
    if not covered.any():
        raise CannotMergeError(
            "these stacks cannot be merged",
            where=stack.path.name,
            why="no sub covers any of its pixels",
            hint="leave it out",
        )
    meshes = []
    for plane in planes:
        plane[~covered] = np.median(plane[covered][::7])
        measure = measure_frame(plane, GREY)
        meshes.append(_covered_only(measure.mesh, covered).levels[0])
    grey = planes.mean(axis=0, dtype=np.float32)
    measure = measure_frame(grey, GREY)
    mesh = Mesh(np.array(meshes), measure.mesh.box)
    sky = np.array([_median_known(levels) for levels in meshes])
    if stack.noise is not None and noise_known:
        variance = float(np.median(counts[covered])) * stack.usual_variance()
        of_sums = variance * np.array(stack.noise.correlation)
    else:
        of_sums = variance = np.array([sub_variance(plane, counts) for plane in planes])
    return Look(replace(measure, sky=sky), mesh, variance, of_sums)


def _median_known(levels: np.ndarray) -> float:
    """Compute the median without NaN; NaN if there is nothing else."""
    known = levels[~np.isnan(levels)]
    return float(np.median(known)) if known.size else math.nan


def _covered_only(mesh: Mesh, covered: np.ndarray) -> Mesh:
    """Return the mesh with NaN in boxes that are not completely covered."""
    _, rows, columns = mesh.levels.shape
    box = mesh.box
    whole = covered[: rows * box, : columns * box].reshape(rows, box, columns, box).all(axis=(1, 3))
    return replace(mesh, levels=np.where(whole, mesh.levels, np.nan))


def sub_variance(plane: np.ndarray, counts: np.ndarray) -> float:
    """Measure the variance of a pixel of empty sky as one sub would show it, in ADU squared.

    ``plane`` (height, width) is in ADU, ``counts`` (height, width) the number of subs. Means of
    blocks, two apart, are compared: debayering and warping smooth single pixels, and only the noise
    that is left in a block matters for the signal-to-noise ratio. For single pixels the result is
    therefore an upper bound; infinite when no two blocks are covered.
    """
    height, width = (side // BLOCK_PX * BLOCK_PX for side in plane.shape)
    shape = (height // BLOCK_PX, BLOCK_PX, width // BLOCK_PX, BLOCK_PX)
    means = plane[:height, :width].reshape(shape).mean(axis=(1, 3), dtype=np.float64)
    seen = counts[:height, :width].reshape(shape).min(axis=(1, 3))
    both = np.minimum(seen[:, 2:], seen[:, :-2])
    difference = ((means[:, 2:] - means[:, :-2]) * np.sqrt(both))[both > 0]
    if difference.size == 0:
        return math.inf
    spread = 1.4826 * float(np.median(np.abs(difference - np.median(difference))))
    return max(0.5 * (BLOCK_PX * spread) ** 2, 1e-6)
