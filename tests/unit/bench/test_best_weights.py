"""The best linear combination of weights, and the ratios of what it leaves."""

from __future__ import annotations

import numpy as np
import pytest

from bench.best_weights import Estimate, best_errors, mean_ratio, spread, spread_ratio, usual


def test_two_independent_measurements_are_combined_by_their_noise() -> None:
    rng = np.random.default_rng(1)
    off = rng.normal(0.0, [0.03, 0.04], (4000, 2))
    found = spread(best_errors(off, np.ones(2)))
    assert found.value == pytest.approx((0.03**-2 + 0.04**-2) ** -0.5, rel=0.03)


def test_noise_that_all_weights_share_with_the_sky_cancels() -> None:
    """The second weight sees only sky: its response is 0, and it is subtracted."""
    rng = np.random.default_rng(2)
    sky, own = rng.normal(0.0, 0.1, 2000), rng.normal(0.0, 0.01, 2000)
    found = best_errors(np.column_stack([own + sky, sky]), np.array([1.0, 0.0]))
    assert spread(found).value == pytest.approx(0.01, rel=0.05)


def test_mixing_the_weights_changes_nothing() -> None:
    rng = np.random.default_rng(3)
    response, off = np.array([1.0, 0.8, 0.3]), rng.normal(size=(500, 3))
    mixed = np.array([[1.0, 0.3, 0.0], [0.3, 1.0, 0.3], [0.0, 0.3, 1.0]])
    before, after = best_errors(off, response), best_errors(off @ mixed, response @ mixed)
    assert after == pytest.approx(before, rel=1e-3, abs=1e-3)


def test_light_that_is_lost_counts() -> None:
    off = np.column_stack([np.full(200, -0.1), np.full(200, -0.1)])
    off += np.random.default_rng(4).normal(0.0, 0.01, off.shape)
    assert spread(best_errors(off, np.ones(2))).value == pytest.approx(0.1, rel=0.05)


def test_an_object_does_not_choose_its_own_weights() -> None:
    """As many weights as objects would fit anything: the figure must not become too small."""
    rng = np.random.default_rng(5)
    off = rng.normal(0.0, 1.0, (60, 10))
    assert spread(best_errors(off, np.ones(10))).value > 10.0**-0.5


def test_outliers_are_left_out() -> None:
    off = np.random.default_rng(6).normal(0.0, 0.01, (500, 2))
    off[::50] += 3.0
    found = best_errors(off, np.ones(2))
    assert not usual(found)[::50].any()
    assert spread(found).value == pytest.approx(0.01 / np.sqrt(2.0), rel=0.1)


def test_errors_are_those_of_repeated_nights() -> None:
    rng = np.random.default_rng(7)
    ratios, spreads = [], []
    for _ in range(300):
        frames = rng.normal(0.0, 0.02, 80)
        ours, theirs = (frames + rng.normal(0.0, own, 80) for own in (0.006, 0.004))
        ratios.append(spread_ratio(ours, theirs))
        spreads.append(spread(ours))
    expected = np.hypot(0.02, 0.006) / np.hypot(0.02, 0.004)
    assert np.mean([ratio.value for ratio in ratios]) == pytest.approx(expected, rel=0.01)
    for found in (ratios, spreads):
        error = np.mean([one.error for one in found])
        assert np.std([one.value for one in found]) == pytest.approx(error, rel=0.15)
    # Known better than two scatters of stacks with frames of their own would be.
    assert np.mean([ratio.error for ratio in ratios]) < 0.5 * np.sqrt(1.0 / 80.0)


def test_mean_of_ratios_does_not_prefer_small_ones() -> None:
    found = mean_ratio([Estimate(0.5, 0.05), Estimate(2.0, 0.2)])
    assert found.value == pytest.approx(1.0)
