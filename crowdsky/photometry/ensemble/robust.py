"""Solves an ensemble so that variable stars, clouds and bad points have little weight.

Each round gives every star and every epoch whose scatter exceeds its errors an error of its own
that explains it, and weights single outliers down by Cauchy's function.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from crowdsky.base.arrays import FloatArray
from crowdsky.photometry.ensemble.problem import Index, Problem, components
from crowdsky.photometry.ensemble.solve import Solution, leverage, solve

MAX_ROUNDS = 12
SETTLED_MAG = 5e-5
"""Change of zero points from which no further round is needed: a twentieth of a millimagnitude."""

CAUCHY = 2.385
"""Residual in errors at which the weight is half: 95 % efficient for Gaussian errors."""

SIGNIFICANT = 3.0
"""Excess variance, in its standard deviations, from which a star or epoch has an error of its own;
below it, the excess may be chance."""

CAP = 3.0
"""Residual in errors up to which an observation counts for the error of its star or epoch; for a
variable, both grow from round to round."""

BAD_POINT, BAD_SHARE = 4.0, 0.1
"""Residual in errors from which an observation is left out of what scatters, and the share of a
star's or an epoch's observations that may be: with more, the star varies or the epoch is disturbed.
"""

LEAST_DEGREES = 0.5


@dataclass(frozen=True, slots=True)
class Ensemble:
    """A robust solution.

    component       -- of each epoch
    weight          -- of each observation in the last round, 1/mag²
    star_extra, epoch_extra -- errors of stars and epochs beyond the model, mag
    leverage        -- how much of an observation's own noise the fit follows, 0 to 1
    """

    solution: Solution
    component: Index
    weight: FloatArray
    star_extra: FloatArray
    epoch_extra: FloatArray
    leverage: FloatArray


def solve_robust(problem: Problem, sigma: FloatArray, start: FloatArray | None = None) -> Ensemble:
    """Solve with the errors `sigma`, mag, (n,), by least squares of changing weights.

    `start` are the weights of a similar problem, which save rounds.
    """
    component = components(problem)
    variance = sigma**2
    star_extra, epoch_extra = np.zeros(problem.n_stars), np.zeros(problem.n_epochs)
    weight = 1.0 / variance if start is None else start
    last = None
    for _ in range(MAX_ROUNDS):
        solution = solve(problem, weight, component)
        settled = last is not None and _change(solution, last, component) < SETTLED_MAG
        last = solution
        follows = leverage(problem, weight)
        square = solution.residual**2
        free = np.maximum(1.0 - follows, 1e-3)
        # Epochs first: one that is disturbed would else look like many variable stars.
        other = variance + star_extra[problem.star]
        epoch_extra = _excess(problem.epoch, problem.n_epochs, square, other, epoch_extra, free)
        other = variance + epoch_extra[problem.epoch]
        star_extra = _excess(problem.star, problem.n_stars, square, other, star_extra, free)
        whole = variance + star_extra[problem.star] + epoch_extra[problem.epoch]
        if settled:
            break
        weight = 1.0 / (whole * (1.0 + square / (CAUCHY**2 * whole)))
    return Ensemble(solution, component, weight, np.sqrt(star_extra), np.sqrt(epoch_extra), follows)


def _change(solution: Solution, last: Solution, component: Index) -> float:
    """Return the largest change of a zero point, beside that of its whole component."""
    away = solution.epochs[:, 0] - last.epochs[:, 0]
    mean = np.bincount(component, away) / np.bincount(component)
    return float(np.abs(away - mean[component]).max())


def _excess(
    of: Index,
    count: int,
    square: FloatArray,
    variance: FloatArray,
    present: FloatArray,
    free: FloatArray,
) -> FloatArray:
    """Return the variance per star (or epoch) that explains its residuals; 0 if they need none.

    One step of the weighted method of moments from the `present` value. Residuals count by how much
    an additional variance would show in them. Those beyond BAD_POINT do not count at all, unless
    they are more than BAD_SHARE: even limited to CAP, one bad point in twenty would add half of the
    variance.
    """
    whole = variance + present[of]
    far = square > BAD_POINT**2 * whole
    few = np.bincount(of, far, count) <= BAD_SHARE * np.bincount(of, minlength=count)
    moment = np.minimum(square, CAP**2 * whole) / free - variance
    free = np.where(far & few[of], 0.0, free)
    information = free / variance**2
    total = np.maximum(np.bincount(of, information, count), 1e-300)
    first = np.bincount(of, information * moment, count) / total
    significant = first > SIGNIFICANT * np.sqrt(2.0 / total)
    weight = free / whole**2
    summed = np.maximum(np.bincount(of, weight, count), 1e-300)
    excess = np.bincount(of, weight * moment, count) / summed
    degrees = np.bincount(of, free, count)
    return np.where(significant & (degrees > LEAST_DEGREES), np.maximum(excess, 0.0), 0.0)
