"""Periods of light curves of few points in a regular window: the right one or none."""

from __future__ import annotations

import numpy as np
import pytest

from crowdsky.photometry.variability import Period, find_period

BEGIN = 2461132.37592
NIGHTS = (0, 1, 3, 6, 7, 11)
STEP_D = 75.0 / 1440.0


def _three_stacks_a_night(nights: tuple[int, ...] = NIGHTS) -> np.ndarray:
    """Three stacks at the same times of each night, and one of another night."""
    often = BEGIN + np.array(nights)[:, None] + STEP_D * np.arange(3)
    return np.append(often.ravel(), BEGIN + nights[-1] + 1.00125)


def _search(period: float, seed: int, shortest: float | None = None) -> Period:
    rng = np.random.default_rng(seed)
    when = _three_stacks_a_night()
    mags = 11.0 + 0.4 * np.sin(2.0 * np.pi * (when - BEGIN) / period + rng.uniform(0.0, 6.0))
    errors = np.full(len(when), 0.023)
    return find_period(when, mags + rng.normal(0.0, errors), errors, shortest=shortest)


SEEDS = [1, *(pytest.param(seed, marks=pytest.mark.every) for seed in range(2, 10))]


@pytest.mark.parametrize("shortest", [None, 3.0 * STEP_D])
@pytest.mark.parametrize("seed", SEEDS)
def test_19_points_of_a_sine_give_its_period_or_none(seed: int, shortest: float | None) -> None:
    """An alias beyond the distance of the stacks, 0.0613 d, has a multiple of 0.184 d."""
    found = _search(0.3712, seed, shortest)
    if found.credible:
        assert found.period == pytest.approx(0.3712, rel=1e-3)
    else:
        assert found.reason


@pytest.mark.parametrize("seed", SEEDS)
def test_light_faster_than_the_stacks_is_not_taken_for_slow_light(seed: int) -> None:
    found = _search(0.0813, seed)
    assert not found.credible or found.period == pytest.approx(0.0813, rel=1e-3)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_steep_shape_of_few_points_has_no_period(seed: int) -> None:
    """Twelve harmonics' worth of shape in 19 points: any period explains them."""
    rng = np.random.default_rng(seed)
    when = _three_stacks_a_night()
    phase = (when - BEGIN) / 0.5713 % 1.0
    mags = 11.0 + np.where(phase < 0.85, phase / 0.85, (1.0 - phase) / 0.15)
    errors = np.full(len(when), 0.01)
    found = find_period(when, mags + rng.normal(0.0, errors), errors)
    assert not found.credible or found.period == pytest.approx(0.5713, rel=1e-3)
