"""All frequencies that may explain a light curve: the whole grid, with one to three harmonics.

Sparse sampling makes light of one period look like that of others, and not only of daily ones:
stacks at a fixed distance within a night mirror frequencies at its inverse. Nothing short of a fit
at every frequency, with every number of harmonics, finds all of them.
"""

from __future__ import annotations

import numpy as np

from crowdsky.base.arrays import FloatArray
from crowdsky.photometry.variability.harmonics import Points

MAX_TERMS = 3
OVERSAMPLING = 5.0
"""Points of the grid per width 1/T of a peak."""
MINIMA = 8
"""Number of minima of chi-square that are kept for each number of harmonics."""
BATCH_NUMBERS = 60_000
SIMPLE_CYCLES = 3.0
"""Number of cycles below which a period is a sine: more harmonics would fit something faster."""


def competing_frequencies(points: Points, low: float, high: float) -> list[float]:
    """List the frequencies between two limits, cycles per day, with the lowest chi-squares.

    Sums of one to MAX_TERMS harmonics are fitted at every point of a grid, as many as the number
    of points allows; the deepest minima of each are listed, those with more harmonics last.
    """
    step = 1.0 / (OVERSAMPLING * points.span)
    grid: FloatArray = np.arange(low, high, step)
    found: list[float] = []
    if len(grid) < 3:
        return found
    most = min(MAX_TERMS, max(1, (len(points) - 2) // 5))
    for terms, chi2 in enumerate(_chi2_of_grid(points, grid, most), start=1):
        usable = chi2.copy()
        if terms > 1:
            usable[grid * points.span < SIMPLE_CYCLES] = np.inf
        inner = usable[1:-1]
        minima = 1 + np.flatnonzero((inner <= usable[:-2]) & (inner <= usable[2:]))
        minima = minima[np.isfinite(usable[minima])]
        deepest = minima[np.argsort(usable[minima], kind="stable")[:MINIMA]]
        found += [float(frequency) for frequency in grid[deepest]]
    return found


def _chi2_of_grid(points: Points, grid: FloatArray, most: int) -> FloatArray:
    """Compute chi-squares (most, f) of sums of 1 to ``most`` harmonics with a mean.

    With complex waves z^k, k from -K to K, the normal matrix is the Toeplitz matrix of the sums of
    w z^m, so that all numbers of harmonics share the same sums.
    """
    weights = points.errors**-2
    centred = points.mags - np.average(points.mags, weights=weights)
    total = float(np.sum(weights * centred**2))
    columns = np.stack([weights, weights * centred], axis=1).astype(complex)
    sums = np.zeros((2 * most + 1, len(grid)), dtype=complex)
    products = np.zeros((most + 1, len(grid)), dtype=complex)
    batch = max(1, BATCH_NUMBERS // len(points))
    # Waves of a batch are those of the first one, turned on: exponentials are slow.
    first = np.exp(2j * np.pi * grid[:batch, None] * points.times[None, :])
    for begin in range(0, len(grid), batch):
        part = slice(begin, begin + batch)
        away = grid[begin] - grid[0]
        turn = first[: len(grid[part])] * np.exp(2j * np.pi * away * points.times)
        wave = turn
        sums[0, part] = weights.sum()
        for order in range(1, 2 * most + 1):
            both = wave @ columns
            sums[order, part] = both[:, 0]
            if order <= most:
                products[order, part] = both[:, 1]
            wave = wave * turn
    return np.array([total - _taken_away(sums, products, terms) for terms in range(1, most + 1)])


def _taken_away(sums: np.ndarray, products: np.ndarray, terms: int) -> FloatArray:
    """Compute by how much a fit of harmonics lowers chi-square, (f,), from sums (m, f)."""
    orders = np.arange(-terms, terms + 1)
    differences = orders[None, :] - orders[:, None]
    matrix = np.where(
        (differences >= 0)[..., None], sums[np.abs(differences)], sums[np.abs(differences)].conj()
    )
    normal = np.moveaxis(matrix, -1, 0)
    # Phases without points make harmonics alike; a little stiffness keeps that solvable.
    normal = normal + 1e-9 * sums[0].real[:, None, None] * np.eye(len(orders))
    right = np.where((orders >= 0)[:, None], products[np.abs(orders)].conj(),
                     products[np.abs(orders)]).T  # fmt: skip
    solved = np.linalg.solve(normal, right[..., None])[..., 0]
    return np.asarray(np.sum(right.conj() * solved, axis=1).real)
