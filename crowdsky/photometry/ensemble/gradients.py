"""How strong gradients across single stacks are expected to be, from their own scatter.

Gradients that are fitted without need follow the noise of the brightest stars of an epoch, which
then scatter less than their errors. So the prior of the gradients is fitted to those of the last
solution (empirical Bayes): most epochs have none but a little by airmass and flat field; single
ones, in clouds, have large ones, and are expected to.
"""

from __future__ import annotations

import numpy as np

from crowdsky.base.arrays import FloatArray
from crowdsky.photometry.ensemble.band import BandSolution
from crowdsky.photometry.ensemble.noise import scatter_beyond
from crowdsky.photometry.ensemble.problem import Index
from crowdsky.photometry.ensemble.terms import GRADIENT_PRIOR_MAG

LEAST_EPOCHS = 10
"""Number of epochs of a telescope and filter that show the scatter of their gradients."""

LEAST_SCATTER_MAG = 1e-4

SIGNIFICANT = 3.0
"""Gradient in standard deviations from which an epoch is expected to have one of its own."""


def gradient_sizes(last: BandSolution | None, group: Index, count: int) -> FloatArray:
    """Return the scatter of gradients of each of `count` groups, mag from the middle to the edge.

    `group` is that of each epoch, -1 for none. Where the last solution has too few of them, it is
    GRADIENT_PRIOR_MAG.
    """
    sizes = np.full(count, GRADIENT_PRIOR_MAG)
    if last is None:
        return sizes
    known = np.isfinite(last.gradient_error).all(axis=1)
    for number in range(count):
        rows = known & (group == number)
        if rows.sum() >= LEAST_EPOCHS:
            square, variance = last.gradient[rows] ** 2, last.gradient_error[rows] ** 2
            sizes[number] = scatter_beyond(square.ravel(), variance.ravel())
    return np.asarray(np.maximum(sizes, LEAST_SCATTER_MAG))


def gradient_priors(last: BandSolution | None, group: Index, count: int) -> FloatArray:
    """Return the expected variances of the gradients in u and v of all epochs, mag², (n, 2)."""
    sizes = np.append(gradient_sizes(last, group, count), GRADIENT_PRIOR_MAG)
    usual = np.repeat(sizes[group, None] ** 2, 2, axis=1)
    if last is None:
        return usual
    square, variance = last.gradient**2, last.gradient_error**2
    own = np.nan_to_num(square - variance)
    far = np.nan_to_num(square) > SIGNIFICANT**2 * (usual + np.nan_to_num(variance))
    return np.where(far, np.maximum(own, usual), usual)
