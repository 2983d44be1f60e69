"""Which stars scatter beyond their errors: matrices of magnitudes with known truth."""

from __future__ import annotations

import numpy as np
import pytest

from crowdsky.photometry.variability.curves import nights_of
from crowdsky.photometry.variability.excess import Excess, field_noise, measure_excess
from crowdsky.synthetic.visits import Visits, observing_plan

N_STARS = 2000


def _constant_field(
    rng: np.random.Generator, visits: Visits, n_stars: int, understated: float = 1.0
) -> tuple[np.ndarray, np.ndarray]:
    """Magnitudes and stated errors: 5 % bad points, some missing, bad stacks in clouds."""
    shape = (n_stars, len(visits))
    errors = rng.uniform(0.004, 0.08, n_stars)[:, None] * np.ones(shape)
    clouds = np.where(visits.cloud_mag > 0.3, 0.01, 0.0)
    mags = rng.normal(0.0, 1.0, shape) * np.hypot(understated * errors, clouds)
    bad = rng.random(shape) < 0.05
    mags[bad] += rng.uniform(0.02, 0.5, bad.sum()) * rng.choice([-1.0, 1.0], bad.sum())
    missing = rng.random(shape) < rng.uniform(0.01, 0.9, n_stars)[:, None]
    mags[missing] = np.nan
    errors[missing] = np.nan
    return mags, errors


def _excess(mags: np.ndarray, errors: np.ndarray, visits: Visits) -> Excess:
    night = nights_of(visits.bjd, visits.telescope)
    return measure_excess(mags, field_noise(mags, errors), night, visits.bjd, len(mags))


def _one_among_constants(change: np.ndarray, visits: Visits, rng: np.random.Generator) -> Excess:
    mags, errors = _constant_field(rng, visits, 120)
    errors[0] = 0.01
    mags[0] = rng.normal(0.0, 0.01, len(visits)) + change
    return _excess(mags, errors, visits)


SEEDS = [11, *(pytest.param(seed, marks=pytest.mark.every) for seed in range(12, 24))]


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("understated", [1.0, 1.14])
def test_none_of_2000_constant_stars_is_taken_for_a_variable_one(
    seed: int, understated: float
) -> None:
    """Also with errors that are 14 % too small, a reduced chi-square of 1.3."""
    rng = np.random.default_rng(seed)
    visits = observing_plan(rng)
    excess = _excess(*_constant_field(rng, visits, N_STARS, understated), visits)
    assert excess.n_points.min() < 40
    assert not excess.varies.any()
    well_measured = excess.n_points > 100
    assert np.median(excess.chi2[well_measured]) == pytest.approx(1.0, abs=0.05)


def test_neither_chance_nor_variable_stars_enlarge_the_errors_of_stacks() -> None:
    """A small field: some 20 stars show what each stack is worth, five of which vary."""
    rng = np.random.default_rng(5)
    errors = np.full((60, 200), 0.005)
    mags = rng.normal(0.0, errors)
    mags[:5] += 0.3 * np.sin(2.0 * np.pi * rng.random(5)[:, None] + np.arange(200) / 7.0)
    mags[:, 150] += rng.normal(0.0, 0.02, 60)
    honest = field_noise(mags, errors).errors
    assert honest[:, 150].min() > 0.012
    others = np.delete(honest, 150, axis=1)
    assert others.mean() < 0.0052
    assert np.mean(others > errors[0, 0]) < 0.1


def test_a_change_beyond_the_errors_is_an_excess_of_its_size() -> None:
    rng = np.random.default_rng(31)
    visits = observing_plan(rng)
    change = 0.04 * np.sin(2.0 * np.pi * visits.bjd / 0.37)
    excess = _one_among_constants(change, visits, rng)
    assert excess.by_scatter[0]
    assert excess.excess_mag[0] == pytest.approx(0.04 / np.sqrt(2.0), rel=0.35)
    assert not excess.varies[1:].any()


def test_one_bad_night_is_no_variation_but_two_different_ones_are() -> None:
    rng = np.random.default_rng(32)
    visits = observing_plan(rng)
    nights, counts = np.unique(visits.night, return_counts=True)
    long = nights[np.argsort(counts)[::-1]]
    one = np.where(visits.night == long[0], 0.3, 0.0)
    assert not _one_among_constants(one, visits, rng).varies[0]
    several = np.where(np.isin(visits.night, long[:6]), 0.3, 0.0)
    assert _one_among_constants(several, visits, rng).varies[0]


def test_eclipses_in_two_nights_count_however_rare_they_are() -> None:
    rng = np.random.default_rng(33)
    visits = observing_plan(rng)
    dips = np.zeros(len(visits))
    units = {n: set(visits.telescope[visits.night == n]) for n in np.unique(visits.night)}
    alone = [night for night, unit in units.items() if len(unit) == 1]
    full = [night for night in alone if np.sum(visits.night == night) >= 5][:2]
    assert len(full) == 2
    for night in full:
        dips[np.flatnonzero(visits.night == night)[:4]] = 0.1
    excess = _one_among_constants(dips, visits, rng)
    assert excess.by_dips[0]
    assert not excess.by_scatter[0]
    single = np.where(visits.night == full[0], dips, 0.0)
    assert not _one_among_constants(single, visits, rng).varies[0]


def test_a_single_night_is_never_enough() -> None:
    rng = np.random.default_rng(34)
    visits = observing_plan(rng, 30, 1)
    excess = _one_among_constants(0.3 * np.sin(visits.bjd * 90.0), visits, rng)
    assert excess.n_nights[0] == 1
    assert not excess.varies.any()


def test_nights_are_told_apart_by_gaps_also_across_midnight_of_utc() -> None:
    two_sites = np.array([0.3, 0.45, 0.6, 0.7, 0.8, 1.31, 1.44, 3.97, 4.03])
    units = np.array([0, 0, 0, 1, 1, 0, 0, 2, 2])
    assert nights_of(two_sites, units).tolist() == [0, 0, 0, 0, 0, 1, 1, 2, 2]
