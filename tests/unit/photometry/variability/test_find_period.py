"""Periods of light curves with known truth, and periods that must not be claimed."""

from __future__ import annotations

import numpy as np
import pytest

from crowdsky.photometry.variability import Period, find_period
from crowdsky.synthetic.variables import (
    Constant,
    ContactBinary,
    DetachedBinary,
    Dip,
    Irregular,
    LightCurve,
    Mira,
    RRLyrae,
    Transit,
    exposed_change,
)
from crowdsky.synthetic.visits import observing_plan

T0 = 2461000.2
ERROR_MAG = 0.006


def _observed(
    curve: LightCurve, seed: int, error: float = ERROR_MAG, every_days: int = 1
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """200 stacks of 30 nights; 5 % of the points are bad."""
    rng = np.random.default_rng(seed)
    visits = observing_plan(rng, every_days=every_days)
    mags = 11.0 + exposed_change(curve, visits.bjd, visits.exposure_s)
    mags += rng.normal(0.0, error, len(visits))
    bad = rng.random(len(visits)) < 0.05
    mags[bad] += rng.uniform(0.02, 0.5, bad.sum()) * rng.choice([-1.0, 1.0], bad.sum())
    return visits.bjd, mags, np.full(len(visits), error)


def _agrees(found: Period, period: float, amplitude: float) -> None:
    assert found.credible, found.reason
    assert found.period == pytest.approx(period, rel=1e-3)
    assert found.cycles >= 3
    assert abs(found.amplitude - amplitude) < max(0.05 * amplitude, 2.0 * found.amplitude_error)


PERIODIC = {
    "contact binary": (ContactBinary(0.40033, T0, 0.45, 0.38), 0.45),
    "RR Lyrae": (RRLyrae(0.53951, T0, 0.9), 0.9),
    "Cepheid": (RRLyrae(3.7281, T0, 0.6, 0.3), 0.6),
}


@pytest.mark.parametrize("name", PERIODIC)
@pytest.mark.parametrize(
    "seed", [2, *(pytest.param(seed, marks=pytest.mark.every) for seed in (101, 102, 103, 104))]
)
def test_the_period_of_a_star_that_never_rests_is_found(name: str, seed: int) -> None:
    curve, amplitude = PERIODIC[name]
    found = find_period(*_observed(curve, seed))
    _agrees(found, curve.period, amplitude)
    assert found.fap < 1e-20
    assert abs(found.period - curve.period) < 5.0 * found.error


def test_eclipses_are_found_with_depth_duration_and_a_moment_of_their_middle() -> None:
    curve = DetachedBinary(1.32231, T0, Dip(0.6, 0.2, 0.05), Dip(0.15, 0.2, 0.1))
    found = find_period(*_observed(curve, 3))
    assert found.kind == "eclipses"
    _agrees(found, curve.period, 0.6)
    assert found.depth == pytest.approx(0.6, abs=3.0 * found.depth_error)
    assert found.duration == pytest.approx(0.2, abs=0.03)
    away = (found.t0 - T0) / curve.period
    assert abs(away - round(away)) < 0.01


@pytest.mark.parametrize(
    "seed", [4, *(pytest.param(seed, marks=pytest.mark.every) for seed in (1, 2, 3, 6, 8))]
)
def test_a_transit_of_15_mmag_is_found_and_its_depth_is_within_3_sigma(seed: int) -> None:
    curve = Transit(1.0914, T0, 0.015, 0.13)
    found = find_period(*_observed(curve, seed, error=0.004))
    assert found.kind == "eclipses"
    assert found.fap < 1e-20
    if not found.credible:
        # Periods further off than 0.1 % have 13 and 6 % of the likelihood; the depth is known.
        assert seed in (2, 8)
        assert "the period is not known better" in found.reason
    assert found.period == pytest.approx(curve.period, rel=1e-3)
    assert found.depth == pytest.approx(0.015, abs=3.0 * found.depth_error)
    assert found.depth_error < 0.003


@pytest.mark.parametrize(
    "seed", [21, *(pytest.param(seed, marks=pytest.mark.every) for seed in range(22, 30))]
)
def test_alike_eclipses_do_not_give_half_the_period(seed: int) -> None:
    """Two stars of one surface brightness, or one that is dark: no light curve knows which."""
    curve = DetachedBinary(1.55520, T0, Dip(0.34, 0.15, 0.06), Dip(0.339, 0.15, 0.06))
    found = find_period(*_observed(curve, seed))
    if found.credible:
        assert found.period == pytest.approx(curve.period, rel=1e-3)
        assert abs(found.period - curve.period) < 4.0 * found.error
    else:
        assert found.reason


def test_alike_eclipses_are_named_with_both_periods() -> None:
    """Twice an hour for 40 nights: nothing is missing but a difference between the eclipses."""
    rng = np.random.default_rng(5)
    when = T0 + (np.arange(40.0)[:, None] + np.arange(10) / 48.0).ravel()
    curve = DetachedBinary(1.55520, T0, Dip(0.34, 0.15, 0.06), Dip(0.34, 0.15, 0.06))
    mags = 11.0 + curve.change(when) + rng.normal(0.0, 0.006, len(when))
    found = find_period(when, mags, np.full(len(when), 0.006))
    assert not found.credible
    assert "alike" in found.reason
    assert f"{found.period:.6g} d, or {2.0 * found.period:.6g} d" in found.reason
    assert 2.0 * found.period == pytest.approx(curve.period, rel=1e-4)


@pytest.mark.parametrize(
    "phase_d", [80.0, *(pytest.param(d, marks=pytest.mark.every) for d in (0.0, 160.0, 240.0))]
)
def test_a_slow_wave_has_a_trend_and_no_period(phase_d: float) -> None:
    when, mags, errors = _observed(Mira(320.0, T0 - phase_d, 4.0), 6)
    found = find_period(when, mags, errors)
    assert found.kind == "slow"
    assert not found.credible
    assert np.isnan(found.period)
    truth = Mira(320.0, T0 - phase_d, 4.0).change(when)
    assert found.trend == pytest.approx(np.polyfit(when - T0, truth, 1)[0], abs=0.001)


def test_most_of_one_cycle_of_a_mira_is_a_slow_change_and_no_period() -> None:
    when, mags, errors = _observed(Mira(320.0, T0, 4.0), 6, every_days=8)
    assert 200.0 < np.ptp(when) < 320.0
    found = find_period(when, mags, errors)
    assert found.kind == "slow"
    assert not found.credible
    slope = np.polyfit(when - T0, Mira(320.0, T0, 4.0).change(when), 1)[0]
    assert found.trend == pytest.approx(slope, abs=0.001)


@pytest.mark.parametrize(
    "curve",
    [Constant(), Irregular((3.1, 5.3, 8.7, 13.0), (0.1, 0.4, 0.7, 0.2), 0.4)],
    ids=["constant", "irregular"],
)
@pytest.mark.parametrize(
    "seed", [7, *(pytest.param(seed, marks=pytest.mark.every) for seed in range(111, 119))]
)
def test_light_without_a_period_gets_none(curve: LightCurve, seed: int) -> None:
    found = find_period(*_observed(curve, seed))
    assert not found.credible
    assert found.reason


def test_the_rhythm_of_the_nights_is_no_period() -> None:
    """One look at the same hour of each night: a drift looks like a period of a day."""
    rng = np.random.default_rng(8)
    when = T0 + np.arange(40.0) + rng.uniform(-0.01, 0.01, 40)
    drift = find_period(when, 0.02 * (when - T0) + rng.normal(0, 0.005, 40), np.full(40, 0.005))
    assert drift.kind == "slow"
    assert not drift.credible
    alike = find_period(when, rng.normal(0, 0.005, 40), np.full(40, 0.005))
    assert not alike.credible


def test_fewer_than_three_cycles_are_no_period_and_the_reason_says_so() -> None:
    when, mags, errors = _observed(RRLyrae(14.0, T0, 0.8, 0.3), 9)
    found = find_period(when, mags, errors)
    assert not found.credible


def test_missing_and_masked_magnitudes_are_left_out() -> None:
    when, mags, errors = _observed(RRLyrae(0.53951, T0, 0.9), 2)
    whole = find_period(when, mags, errors)
    longer = np.append(when, [when[-1] + 0.1, when[-1] + 0.2])
    spoilt = np.ma.masked_array(np.append(mags, [np.nan, 3.0]), [False] * (len(mags) + 1) + [True])
    again = find_period(longer, spoilt, np.append(errors, [0.01, 0.01]))
    assert again == whole


def test_few_points_are_reported_and_wrong_arguments_refused() -> None:
    few = find_period(np.arange(5.0), np.zeros(5), np.ones(5))
    assert few.kind == "none"
    assert "12 points" in few.reason
    with pytest.raises(ValueError, match="one length"):
        find_period(np.arange(5.0), np.zeros(4), np.ones(5))
    with pytest.raises(ValueError, match="above 0"):
        find_period(np.arange(20.0), np.zeros(20), np.zeros(20))
