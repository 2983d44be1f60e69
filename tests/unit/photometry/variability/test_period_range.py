"""What points leave open of the period of eclipses."""

from __future__ import annotations

import numpy as np

from crowdsky.photometry.variability.eclipses import fit_dips, guess_dips
from crowdsky.photometry.variability.harmonics import Points
from crowdsky.photometry.variability.period_range import PeriodRange, period_range
from crowdsky.synthetic.variables import Transit

PERIOD_D, DEPTH_MAG, DURATION_D = 1.0914, 0.015, 0.13


def _range(times: np.ndarray, seed: int) -> PeriodRange:
    rng = np.random.default_rng(seed)
    mags = 11.0 + Transit(PERIOD_D, 0.0, DEPTH_MAG, DURATION_D).change(times)
    errors = np.full(len(times), 0.004)
    points = Points(times, mags + rng.normal(0.0, errors), errors)
    guess = guess_dips(points, PERIOD_D, 0.0, DURATION_D, two=False)
    return period_range(points, fit_dips(points, guess, two=False), 1e-3)


def test_whole_eclipses_over_a_month_give_the_period_to_0_1_per_cent() -> None:
    whole = np.concatenate([
        cycle * PERIOD_D + np.arange(-0.15, 0.15, 0.01) for cycle in (-14, -8, -3, 2, 7, 13)
    ])  # fmt: skip
    pulls = []
    for seed in range(2):
        known = _range(whole, seed)
        assert known.beyond < 0.01
        assert 0.0 < known.error < 4e-4
        pulls.append((known.fit.period - PERIOD_D) / known.error)
    assert np.max(np.abs(pulls)) < 4.0


def test_eclipses_without_an_end_leave_the_period_open() -> None:
    """One night has the first half of an eclipse, and a night nine cycles later the other half."""
    halves = np.concatenate([
        cycle * PERIOD_D + np.arange(begin, begin + 0.1, 0.01)
        for cycle, begin in ((-5, -0.1), (-1, -0.03), (4, 0.0))
    ])  # fmt: skip
    rest = np.arange(-14.0, 14.0, 0.97)
    outside = np.abs((rest + 0.5 * PERIOD_D) % PERIOD_D - 0.5 * PERIOD_D) > 0.2
    known = _range(np.sort(np.concatenate([halves, rest[outside]])), 1)
    assert known.beyond > 0.05
    assert abs(known.fit.period - PERIOD_D) < 4.0 * known.error
