"""The normal equations of an ensemble, in blocks of stars, epochs and coefficients."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from crowdsky.base.arrays import FloatArray
from crowdsky.photometry.ensemble.problem import Problem, sums_of


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
    star, epoch = problem.star, problem.epoch
    group = problem.group[epoch]
    local, design = problem.local.T, problem.shared.T

    cross = np.zeros((n_epochs, d, n_stars))
    shared = np.zeros((groups * k, groups * k))
    epochs_shared = np.zeros((n_epochs, d, groups * k))
    stars_shared = np.zeros((n_stars, groups * k))
    right_shared = np.zeros(groups * k)
    right_epochs = np.zeros((n_epochs, d))
    every = np.arange(n_epochs)
    for i in range(d):
        weighted_local = local[i] * weight
        cross[epoch, i, star] = -weighted_local  # a star is once in an epoch
        right_epochs[:, i] = -sums_of(epoch, weighted_local * problem.value, n_epochs)
        for j in range(k):
            sums = sums_of(epoch, weighted_local * design[j], n_epochs)
            epochs_shared[every, i, problem.group * k + j] = sums
    bounds = np.searchsorted(group, np.arange(groups + 1))
    for g in range(groups if k else 0):
        rows, columns = slice(bounds[g], bounds[g + 1]), slice(g * k, (g + 1) * k)
        weighted = design[:, rows] * weight[rows]
        shared[columns, columns] = weighted @ problem.shared[rows] + np.diag(problem.shared_prior)
        right_shared[columns] = -(weighted @ problem.value[rows])
        for j in range(k):
            stars_shared[:, g * k + j] = -sums_of(star[rows], weighted[j], n_stars)
    for j in range(k):
        shared[j::k, j::k] += problem.mean_prior[j] / groups**2
    return Blocks(
        epochs=epoch_blocks(problem, weight),
        stars=sums_of(star, weight, n_stars),
        shared=shared,
        epochs_stars=cross,
        epochs_shared=epochs_shared,
        stars_shared=stars_shared,
        right_epochs=right_epochs,
        right_stars=sums_of(star, problem.value * weight, n_stars),
        right_shared=right_shared,
    )


def epoch_blocks(problem: Problem, weight: FloatArray) -> FloatArray:
    """Return the equations of the unknowns of each epoch, (n_epochs, d, d)."""
    local, d = problem.local.T, problem.local.shape[1]
    blocks = np.zeros((problem.n_epochs, d, d))
    for i in range(d):
        for j in range(i + 1):
            blocks[:, i, j] = sums_of(problem.epoch, weight * local[i] * local[j], problem.n_epochs)
            blocks[:, j, i] = blocks[:, i, j]
    blocks[:, np.arange(d), np.arange(d)] += problem.local_prior
    return blocks
