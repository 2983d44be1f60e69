"""Solves for the magnitudes of all stars and the zero points of all epochs at once.

The differential ensemble of Honeycutt (1992, PASP 104, 435), by weighted least squares. With the
instrumental magnitude ``value`` of a star in an epoch:

    value + zero point of the epoch + gradient . (u, v) + terms . coefficients = magnitude

The unknowns of one side, stars or epochs, are eliminated block by block (Schur complement), so that
only a dense matrix of the other side and the coefficients is solved: the smaller one.

Only differences are determined: all magnitudes and zero points of a component, the epochs that are
joined by stars, may grow by the same number. The weighted mean of a component is 0 here; `anchor`
ties it to a catalogue.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from crowdsky.base.arrays import FloatArray
from crowdsky.photometry.ensemble.normal_equations import Blocks, assemble, epoch_blocks
from crowdsky.photometry.ensemble.problem import (
    NEVER,
    Index,
    Problem,
    components,
    sums_of,
    sums_of_columns,
)


@dataclass(frozen=True, slots=True)
class Solution:
    """What was solved.

    mag             -- of the stars, (n_stars,); the weighted mean of each component is 0
    epochs          -- zero point and gradients, (n_epochs, d)
    shared          -- coefficients, (n_groups, k)
    residual        -- of the observations, (n,), magnitudes: observed minus mean
    """

    mag: FloatArray
    epochs: FloatArray
    shared: FloatArray
    residual: FloatArray


@dataclass(frozen=True, slots=True)
class Errors:
    """Standard errors of a solution.

    zero_point      -- of the epochs, (n_epochs,): of the mean correction of the epoch's stars by
                       zero point and terms, relative to the mean of the component
    shared          -- of the coefficients, (n_groups, k)
    """

    zero_point: FloatArray
    shared: FloatArray


@dataclass(frozen=True, slots=True)
class _Reduced:
    """The equations of the kept side and the coefficients, and how the other side follows.

    matrix, right   -- (k, k), (k,); the matrix is fixed to be regular
    factor          -- inverse Cholesky factors of the eliminated blocks, (n, d, d)
    cross           -- `factor` times the cross terms, (n, d, k)
    other_right     -- `factor` times the right side of the eliminated blocks, (n, d)
    """

    matrix: FloatArray
    right: FloatArray
    factor: FloatArray
    cross: FloatArray
    other_right: FloatArray


def solve(problem: Problem, weight: FloatArray, component: Index | None = None) -> Solution:
    """Solve with the inverse variances `weight`, (n,), all above 0.

    `component` is what `components` returns, if it is known already.
    """
    component = components(problem) if component is None else component
    blocks = assemble(problem, weight)
    keep_stars = _keeps_stars(problem)
    reduced = _reduce(problem, blocks, component, keep_stars)
    kept = np.asarray(np.linalg.solve(reduced.matrix, reduced.right), np.float64)
    left = reduced.other_right - reduced.cross @ kept
    other = np.asarray(np.einsum("nji,nj->ni", reduced.factor, left), np.float64)
    count = problem.shared.shape[1] * problem.n_groups
    shared = kept[len(kept) - count :].reshape(problem.n_groups, -1)
    own = kept[: len(kept) - count]
    if keep_stars:
        return _centred(problem, weight, component, own, other, shared)
    epochs = own.reshape(problem.n_epochs, -1)
    return _centred(problem, weight, component, other[:, 0], epochs, shared)


def errors(problem: Problem, weight: FloatArray, component: Index) -> Errors:
    """Compute the standard errors of a solution with these weights."""
    keep_stars = _keeps_stars(problem)
    reduced = _reduce(problem, assemble(problem, weight), component, keep_stars)
    covariance = np.linalg.inv(reduced.matrix)
    count = len(covariance) - problem.shared.shape[1] * problem.n_groups
    shared = np.sqrt(np.diag(covariance)[count:]).reshape(problem.n_groups, -1)
    follows, own = _mean_corrections(problem, weight, reduced, count, keep_stars)
    carried = follows @ covariance
    variance = own + np.sum(carried * follows, axis=1)
    of_epochs = np.bincount(problem.epoch, weight, problem.n_epochs)
    for number in range(int(component.max()) + 1):
        rows = np.flatnonzero(component == number)
        share = of_epochs[rows] / of_epochs[rows].sum()
        mean = share @ follows[rows]
        with_mean = own[rows] * share + carried[rows] @ mean
        variance[rows] += share @ with_mean - 2.0 * with_mean
    return Errors(np.sqrt(np.maximum(variance, 0.0)), shared)


def _mean_corrections(
    problem: Problem, weight: FloatArray, reduced: _Reduced, count: int, keep_stars: bool
) -> tuple[FloatArray, FloatArray]:
    """Return how the mean correction of each epoch depends on the kept unknowns, (n_epochs, k).

    Second, its variance by the noise of the epoch alone, (n_epochs,).
    """
    n_epochs, d = problem.local_prior.shape
    total = sums_of(problem.epoch, weight, n_epochs)[:, None]
    local, shared = (
        sums_of_columns(problem.epoch, values, weight, n_epochs) / total
        for values in (problem.local, problem.shared)
    )
    follows = np.zeros((n_epochs, len(reduced.right)))
    k = shared.shape[1]
    columns = count + problem.group[:, None] * k + np.arange(k)
    np.put_along_axis(follows, columns, shared, axis=1)
    if keep_stars:
        through = np.einsum("nij,nj->ni", reduced.factor, local)
        follows -= np.einsum("ni,nik->nk", through, reduced.cross)
        return follows, np.sum(through**2, axis=1)
    np.put_along_axis(follows, np.arange(n_epochs * d).reshape(n_epochs, d), local, axis=1)
    return follows, np.zeros(n_epochs)


def leverage(problem: Problem, weight: FloatArray) -> FloatArray:
    """Estimate how much of each observation's own noise its fit follows, (n,), from 0 to 1.

    The share of the star's mean, and of what it leaves the share of the epoch's unknowns; exact for
    a star and an epoch alone.
    """
    of_star = weight / np.bincount(problem.star, weight, problem.n_stars)[problem.star]
    inverse = np.linalg.inv(epoch_blocks(problem, weight))
    local = problem.local
    of_epoch = np.zeros(len(weight))
    for i in range(local.shape[1]):
        for j in range(local.shape[1]):
            of_epoch += local[:, i] * local[:, j] * inverse[problem.epoch, i, j]
    of_epoch *= weight
    return np.asarray(of_star + (1.0 - of_star) * np.minimum(of_epoch, 1.0))


def free_gradients(
    problem: Problem, weight: FloatArray, epochs: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Undo the prior of the gradients of a solution: values and errors, (n_epochs, 2).

    u and v are taken as independent of each other, and magnitudes of stars as known. NaN for an
    epoch without gradients.
    """
    n_epochs = problem.n_epochs
    value, error = np.full((n_epochs, 2), np.nan), np.full((n_epochs, 2), np.nan)
    if problem.local.shape[1] == 1:
        return value, error
    blocks, prior = epoch_blocks(problem, weight), problem.local_prior[:, 1:]
    both = np.diagonal(blocks, axis1=1, axis2=2)[:, 1:]
    information = both - prior - blocks[:, 0, 1:] ** 2 / blocks[:, :1, 0]
    known = (prior < NEVER) & (information > 0.0)
    value[known] = (epochs[:, 1:] * (1.0 + prior / np.maximum(information, 1e-300)))[known]
    error[known] = information[known] ** -0.5
    return value, error


def _keeps_stars(problem: Problem) -> bool:
    return problem.n_stars <= problem.local_prior.size


def _reduce(problem: Problem, blocks: Blocks, component: Index, keep_stars: bool) -> _Reduced:
    n_stars, n_epochs, d = problem.n_stars, problem.n_epochs, problem.local.shape[1]
    n_shared = len(blocks.right_shared)
    n_own = n_stars if keep_stars else n_epochs * d
    matrix = np.zeros((n_own + n_shared, n_own + n_shared))
    matrix[n_own:, n_own:] = blocks.shared
    if keep_stars:
        own = np.arange(n_stars)
        matrix[own, own] = blocks.stars
        matrix[:n_own, n_own:] = blocks.stars_shared
        factor = np.linalg.inv(np.linalg.cholesky(blocks.epochs))
        cross = factor @ np.concatenate([blocks.epochs_stars, blocks.epochs_shared], axis=2)
        right = np.concatenate([blocks.right_stars, blocks.right_shared])
        other_right = np.einsum("nij,nj->ni", factor, blocks.right_epochs)
    else:
        of_epochs = np.arange(n_own).reshape(n_epochs, d)
        matrix[of_epochs[:, :, None], of_epochs[:, None, :]] = blocks.epochs
        matrix[:n_own, n_own:] = blocks.epochs_shared.reshape(n_own, n_shared)
        factor = (1.0 / np.sqrt(blocks.stars))[:, None, None]
        stars_epochs = blocks.epochs_stars.reshape(n_own, n_stars).T
        cross = factor * np.concatenate([stars_epochs, blocks.stars_shared], axis=1)[:, None, :]
        right = np.concatenate([blocks.right_epochs.ravel(), blocks.right_shared])
        other_right = factor[:, :, 0] * blocks.right_stars[:, None]
    matrix[n_own:, :n_own] = matrix[:n_own, n_own:].T
    flat = cross.reshape(-1, n_own + n_shared)
    matrix -= flat.T @ flat
    right = right - flat.T @ other_right.ravel()
    _fix_shifts(problem, blocks, component, keep_stars, matrix)
    return _Reduced(matrix, right, factor, cross, other_right)


def _fix_shifts(
    problem: Problem, blocks: Blocks, component: Index, keep_stars: bool, matrix: FloatArray
) -> None:
    """Add to `matrix` that the weighted mean of each component is 0, which nothing else fixes."""
    if keep_stars:
        own, weights = np.arange(problem.n_stars), blocks.stars
        of_own = np.zeros(problem.n_stars, np.intp)
        of_own[problem.star] = component[problem.epoch]
    else:
        own = np.arange(problem.n_epochs) * problem.local_prior.shape[1]
        weights, of_own = blocks.epochs[:, 0, 0], component
    for number in range(int(component.max()) + 1):
        rows = np.flatnonzero(of_own == number)
        total = weights[rows].sum()
        matrix[np.ix_(own[rows], own[rows])] += np.outer(weights[rows], weights[rows]) / total


def _centred(
    problem: Problem,
    weight: FloatArray,
    component: Index,
    mag: FloatArray,
    epochs: FloatArray,
    shared: FloatArray,
) -> Solution:
    """Shift each component to a weighted mean magnitude of 0, and compute the residuals."""
    of_star = np.zeros(problem.n_stars, np.intp)
    of_star[problem.star] = component[problem.epoch]
    total = sums_of(problem.star, weight, problem.n_stars)
    mean = np.bincount(of_star, total * mag) / np.bincount(of_star, total)
    mag = mag - mean[of_star]
    epochs = epochs.copy()
    epochs[:, 0] -= mean[component]
    residual = problem.value - mag[problem.star]
    for number, values in enumerate(problem.local.T):
        residual += values * epochs[problem.epoch, number]
    for number, values in enumerate(problem.shared.T):
        residual += values * shared[problem.group, number][problem.epoch]
    return Solution(mag, epochs, shared, residual)
