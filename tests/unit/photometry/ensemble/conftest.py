"""Ensembles drawn from known truth."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from crowdsky.photometry.ensemble.problem import Problem
from crowdsky.photometry.ensemble.terms import design

Made = tuple[Problem, np.ndarray, np.ndarray, np.ndarray]


@pytest.fixture(scope="package", autouse=True)
def one_thread() -> Iterator[None]:
    """Keep small matrices from being shared out among threads, which wait for busy processors."""
    with threadpool_limits(1):
        yield


@pytest.fixture(scope="module")
def make_problem() -> Callable[..., Made]:
    """A function that draws a problem, its errors, and the true magnitudes and zero points."""

    def make(
        n_epochs: int, n_stars: int, coverage: float = 0.7, noise: float = 1.0, seed: int = 1
    ) -> Made:
        rng = np.random.default_rng(seed)
        epoch, star = np.nonzero(rng.random((n_epochs, n_stars)) < coverage)
        group = np.sort(np.arange(n_epochs) % 2)
        colour = rng.normal(0.0, 0.5, n_stars)
        spot = rng.uniform(-1.0, 1.0, (n_stars, 2))[star] * 0.9
        spot = spot + rng.uniform(-0.1, 0.1, (n_epochs, 2))[epoch]
        u, v = spot.T
        place = np.stack([u, v, u * u, u * v, v * v], axis=1)
        terms = design(place, colour[star], epoch, n_epochs)
        mag, zero_point = rng.uniform(8.0, 14.0, n_stars), rng.normal(22.0, 0.3, n_epochs)
        sigma = 0.003 * 10.0 ** (0.2 * (mag[star] - 8.0))
        slope = np.array([0.05, -0.05])[group[epoch]]
        value = mag[star] - zero_point[epoch] - slope * colour[star]
        value += noise * sigma * rng.normal(size=len(value))
        problem = Problem(
            star, epoch, group, value, terms.local, terms.local_prior, terms.shared,
            terms.shared_prior, terms.mean_prior, n_stars,
        )  # fmt: skip
        return problem, sigma, mag, zero_point

    return make
