"""The normal equations of an ensemble, in blocks of stars, epochs and coefficients."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from crowdsky.base.arrays import FloatArray
from crowdsky.photometry.ensemble.problem import Problem, in_order, starts_of, sums_of


@dataclass(frozen=True, slots=True)
class Blocks:
    """The normal equations in blocks: epochs (n, d), stars (n,), coefficients (k of all groups)."""

    epochs: FloatArray
    stars: FloatArray
    shared: FloatArray
    epochs_stars: FloatArray
    epochs_shared: FloatArray
    stars_shared: FloatArray
    right_epochs: FloatArray
    right_stars: FloatArray
    right_shared: FloatArray


def assemble(problem: Problem, weight: FloatArray) -> Blocks:
    """Add up the normal equations with the inverse variances `weight`, (n,)."""
    n_stars, n_epochs, d = problem.n_stars, problem.n_epochs, problem.local.shape[1]
    k, groups = problem.shared.shape[1], problem.n_groups
    star, starts = problem.star, starts_of(problem)
    weighted_local = problem.local * weight[:, None]
    weighted_value = problem.value * weight

    cross = np.zeros((n_epochs, d, n_stars))
    cross[problem.epoch, :, star] = -weighted_local  # a star is once in an epoch
    right_epochs = np.add.reduceat(-weighted_local * problem.value[:, None], starts)

    shared = np.zeros((groups * k, groups * k))
    epochs_shared = np.zeros((n_epochs, d, groups * k))
    stars_shared = np.zeros((n_stars, groups * k))
    right_shared = np.zeros(groups * k)
    bounds = np.searchsorted(problem.group[problem.epoch], np.arange(groups + 1))
    for g in range(groups if k else 0):
        rows = slice(bounds[g], bounds[g + 1])
        columns = slice(g * k, (g + 1) * k)
        design, weighted = problem.shared[rows], problem.shared[rows] * weight[rows, None]
        shared[columns, columns] = weighted.T @ design + np.diag(problem.shared_prior)
        right_shared[columns] = -(problem.value[rows] @ weighted)
        for j in range(k):
            stars_shared[:, g * k + j] = -np.bincount(star[rows], weighted[:, j], n_stars)
        of_group = np.flatnonzero(problem.group == g)
        first = starts[np.isin(problem.epoch[starts], of_group)] - bounds[g]
        for j in range(d):
            sums = np.add.reduceat(problem.local[rows, j, None] * weighted, first)
            epochs_shared[problem.epoch[first + bounds[g]], j, columns] = sums
    for j in range(k):
        shared[j::k, j::k] += problem.mean_prior[j] / groups**2
    return Blocks(
        epochs=epoch_blocks(problem, weight, weighted_local),
        stars=sums_of(star, weight, n_stars),
        shared=shared,
        epochs_stars=cross,
        epochs_shared=epochs_shared,
        stars_shared=stars_shared,
        right_epochs=in_order(problem, starts, right_epochs),
        right_stars=sums_of(star, weighted_value, n_stars),
        right_shared=right_shared,
    )


def epoch_blocks(problem: Problem, weight: FloatArray, weighted: FloatArray) -> FloatArray:
    """Return the equations of the unknowns of each epoch, (n_epochs, d, d).

    `weighted` are the local columns times `weight`.
    """
    starts, d = starts_of(problem), problem.local.shape[1]
    sums = np.empty((problem.n_epochs, d, d))
    for i in range(d):
        sums[:, i] = np.add.reduceat(weighted * problem.local[:, i, None], starts)
    blocks = in_order(problem, starts, sums)
    blocks[:, np.arange(d), np.arange(d)] += problem.local_prior
    return blocks
