"""An ensemble as a problem of least squares: observations, what is fitted to them, and priors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from crowdsky.base.arrays import FloatArray

Index = NDArray[np.intp]
Columns = NDArray[np.floating[Any]]
"""What unknowns multiply: single precision is enough, and most of an ensemble's memory."""
NEVER = 1e12
"""Inverse variance that keeps an unknown at 0."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Observations of stars in epochs, and what is fitted; n observations.

    Rows are sorted by group. Every star and every epoch has an observation.

    star, epoch     -- rows of both, (n,)
    group           -- of each epoch: which coefficients hold for it, (n_epochs,)
    value           -- instrumental magnitude, (n,)
    local           -- what the unknowns of the epoch multiply, (n, d): 1, or 1, u, v
    local_prior     -- inverse variances of these unknowns around 0, (n_epochs, d)
    shared          -- what the coefficients of the group multiply, (n, k); k may be 0
    shared_prior    -- inverse variances of the coefficients around 0, (k,), all above 0
    mean_prior      -- inverse variances around 0 of their means over the groups, (k,)
    n_stars         -- number of stars
    """

    star: Index
    epoch: Index
    group: Index
    value: FloatArray
    local: Columns
    local_prior: FloatArray
    shared: Columns
    shared_prior: FloatArray
    mean_prior: FloatArray
    n_stars: int

    @property
    def n_epochs(self) -> int:
        """Number of epochs."""
        return len(self.group)

    @property
    def n_groups(self) -> int:
        """Number of groups."""
        return int(self.group.max()) + 1


def components(problem: Problem) -> Index:
    """Number the epochs by the component that they belong to, from 0, (n_epochs,)."""
    label = np.arange(problem.n_epochs)
    while True:
        of_star = np.full(problem.n_stars, problem.n_epochs)
        np.minimum.at(of_star, problem.star, label[problem.epoch])
        joined = label.copy()
        np.minimum.at(joined, problem.epoch, of_star[problem.star])
        joined = joined[joined]  # an epoch's label is itself an epoch, whose label may be lower
        if np.array_equal(joined, label):
            return np.asarray(np.unique(label, return_inverse=True)[1])
        label = joined


def sums_of(of: Index, values: FloatArray, count: int) -> FloatArray:
    """Add up values by what they are of, (count,)."""
    return np.bincount(of, values, count).astype(np.float64, copy=False)


def sums_of_columns(of: Index, columns: Columns, weight: FloatArray, count: int) -> FloatArray:
    """Add up each weighted column of `columns`, (n, m), by what its rows are of, (count, m)."""
    sums = np.empty((count, columns.shape[1]))
    for number, values in enumerate(columns.T):
        sums[:, number] = sums_of(of, values * weight, count)
    return sums
