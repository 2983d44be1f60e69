"""The ensemble as scipy's lsqr solves it, on a sparse matrix: an independent peer."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.linalg import lsqr

from crowdsky.photometry.ensemble.problem import Problem
from crowdsky.photometry.ensemble.solve import Solution


def solve_by_lsqr(problem: Problem, weight: np.ndarray) -> Solution:
    """Solve the same weighted problem; priors are further rows. Residuals are left out."""
    n, d, k = len(problem.value), problem.local.shape[1], problem.shared.shape[1]
    groups, root, row = problem.n_groups, np.sqrt(weight), np.arange(n)
    of_epochs = problem.n_stars
    of_groups = of_epochs + problem.n_epochs * d
    columns = [problem.star]
    columns += [of_epochs + problem.epoch * d + j for j in range(d)]
    columns += [of_groups + problem.group[problem.epoch] * k + j for j in range(k)]
    values = [root, *(-root[:, None] * problem.local).T, *(-root[:, None] * problem.shared).T]
    prior = np.concatenate(
        [
            np.zeros(problem.n_stars),
            problem.local_prior.ravel(),
            np.tile(problem.shared_prior, groups),
        ]
    )
    held = np.flatnonzero(prior)
    rows = [np.tile(row, 1 + d + k), n + np.arange(len(held))]
    columns.append(held)
    values.append(np.sqrt(prior[held]))
    means = np.flatnonzero(problem.mean_prior)
    for place, j in enumerate(means):
        rows.append(np.full(groups, n + len(held) + place))
        columns.append(of_groups + np.arange(groups) * k + j)
        values.append(np.full(groups, np.sqrt(problem.mean_prior[j]) / groups))
    height = n + len(held) + len(means)
    shape = (height, of_groups + groups * k)
    matrix = csr_matrix(
        (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))), shape=shape
    )
    right = np.concatenate([root * problem.value, np.zeros(height - n)])
    found = lsqr(matrix, right, atol=1e-10, btol=1e-10, iter_lim=10 * shape[1])[0]
    return Solution(
        found[:of_epochs],
        found[of_epochs:of_groups].reshape(-1, d),
        found[of_groups:].reshape(groups, k),
        np.zeros(0),
    )
