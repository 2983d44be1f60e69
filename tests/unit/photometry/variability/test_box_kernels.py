"""Boxes of phase in many light curves at once, beside sums by plain loops."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from crowdsky.photometry.variability.box_kernels import BINS_PER_BOX, LEAST_NIGHTS, best_boxes
from tests.support.levels import at_every_level

DURATION = 0.12


def _light(n_stars: int, seed: int = 4) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    times = np.sort(rng.uniform(0.0, 0.3, (12, 8)) + np.arange(12.0)[:, None], axis=1).ravel()
    mags = rng.normal(0.0, 1.0, (n_stars, len(times)))
    weights = rng.uniform(0.5, 2.0, mags.shape) * (rng.random(mags.shape) < 0.9)
    return times, np.floor(times).astype(np.int64), mags, weights


def _by_loops(
    times: np.ndarray, night: np.ndarray, mags: np.ndarray, weights: np.ndarray, period: float
) -> tuple[float, float]:
    """Power of the best box of one star and period, and its begin."""
    n_bins = int(np.ceil(period * BINS_PER_BOX / DURATION))
    at = np.floor(times / period % 1.0 * n_bins).astype(int)
    away = mags - np.average(mags, weights=weights)
    best, where = 0.0, 0.0
    for begin in range(n_bins):
        inside = np.isin(at, [(begin + step) % n_bins for step in range(BINS_PER_BOX)])
        here, whole = weights[inside].sum(), weights.sum()
        lost = (weights * away)[inside].sum()
        if len(np.unique(night[inside])) < LEAST_NIGHTS or lost <= 0.0:
            continue
        power = lost**2 * whole / (here * (whole - here))
        if power > best:
            best, where = power, begin * period / n_bins
    return best, where


def test_the_best_box_is_that_of_plain_loops() -> None:
    times, night, mags, weights = _light(37)
    periods = np.array([0.71, 1.3, 2.03, 3.3])
    boxes = best_boxes(times, night, mags, weights, periods, DURATION)
    for star in (0, 5, 31, 32, 36):
        found = [_by_loops(times, night, mags[star], weights[star], p) for p in periods]
        best = int(np.argmax([power for power, _ in found]))
        assert boxes.power[star] == pytest.approx(found[best][0], rel=1e-4)
        assert boxes.period[star] == periods[best]
        assert boxes.begin[star] == pytest.approx(found[best][1])
        assert boxes.duration[star] >= 0.8 * DURATION


def test_a_box_of_two_nights_is_none() -> None:
    times, night, mags, weights = _light(1)
    few = night < 2
    boxes = best_boxes(
        times[few], night[few], mags[:, few], weights[:, few], np.array([0.7, 1.0]), DURATION
    )
    assert boxes.power.tolist() == [0.0]
    assert boxes.searched == 0


def test_stars_without_light_have_no_box_and_change_no_other() -> None:
    times, night, mags, weights = _light(3)
    periods = np.array([0.71, 1.3])
    alone = best_boxes(times, night, mags[:1], weights[:1], periods, DURATION)
    weights[1] = 0.0
    mags[1] = np.nan
    beside = best_boxes(times, night, mags, weights, periods, DURATION)
    assert beside.power[0] == alone.power[0] > 0.0
    assert beside.power[1] == 0.0


def test_a_period_shorter_than_its_box_is_refused() -> None:
    times, night, mags, weights = _light(1)
    with pytest.raises(ValueError, match="not longer than a box"):
        best_boxes(times, night, mags, weights, np.array([0.1]), DURATION)
    with pytest.raises(ValueError, match="weights"):
        best_boxes(times, night, mags, weights[:, 1:], np.array([1.0]), DURATION)


def test_every_level_of_the_processor_gives_the_same_bits() -> None:
    times, night, mags, weights = _light(70)
    periods = np.linspace(0.6, 4.0, 300)
    results = [
        module.best_boxes(times, night, mags, weights, periods, DURATION)
        for module in at_every_level("crowdsky.photometry.variability.box_kernels")
    ]
    for one, other in itertools.pairwise(results):
        assert np.array_equal(one.power, other.power)
        assert np.array_equal(one.period, other.period)
        assert np.array_equal(one.begin, other.begin)
