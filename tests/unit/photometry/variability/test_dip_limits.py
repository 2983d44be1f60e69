"""How many shallow dips are found of those that the noise leaves visible, in matrices."""

from __future__ import annotations

import numpy as np
import pytest

from crowdsky.base.arrays import BoolArray, FloatArray
from crowdsky.photometry.variability.curves import FieldCurves, nights_of
from crowdsky.photometry.variability.excess import field_noise
from crowdsky.photometry.variability.lone_points import lone_points
from crowdsky.photometry.variability.shallow_dips import confirmed, search_shallow_dips
from crowdsky.synthetic.variables import Transit, exposed_change
from crowdsky.synthetic.visits import Visits, observing_plan

T0 = 2461000.2
N_TRANSITS, N_CONSTANT = 60, 140
ERROR_MAG, DEPTH_MAG = 0.005, 0.015


def _curves(mags: FloatArray, visits: Visits, rng: np.random.Generator) -> FieldCurves:
    errors = np.full(mags.shape, ERROR_MAG)
    condition = rng.normal(0.0, 0.3, (3, *mags.shape)).astype(np.float32)
    return FieldCurves(
        epoch_id=np.arange(len(visits)),
        bjd=visits.bjd,
        telescope=visits.telescope,
        night=nights_of(visits.bjd, visits.telescope),
        airmass=visits.airmass,
        mags={"G": mags},
        errors={"G": errors},
        fwhm_px=3.0 + condition[0],
        u=condition[1],
        v=condition[2],
        star_id=np.arange(len(mags)),
        wanted=np.zeros(len(mags), dtype=bool),
    )


def _field(seed: int) -> tuple[FieldCurves, FloatArray, FloatArray]:
    """Transits in the first stars; 5 % of all points are bad. And the significance of the truth."""
    rng = np.random.default_rng(seed)
    visits = observing_plan(rng)
    shape = (N_TRANSITS + N_CONSTANT, len(visits))
    dips = np.zeros(shape)
    for row in range(N_TRANSITS):
        period = float(rng.uniform(0.7, 3.0))
        curve = Transit(period, T0 + rng.uniform(0.0, period), DEPTH_MAG, rng.uniform(0.08, 0.17))
        dips[row] = exposed_change(curve, visits.bjd, visits.exposure_s)
    bad = rng.random(shape) < 0.05
    spoilt = rng.uniform(0.02, 0.5, shape) * rng.choice([-1.0, 1.0], shape)
    mags = 11.0 + dips + rng.normal(0.0, ERROR_MAG, shape) + np.where(bad, spoilt, 0.0)
    good = np.where(bad, np.nan, dips)
    signal = np.sqrt(np.nansum((good - np.nanmean(good, axis=1)[:, None]) ** 2, axis=1)) / ERROR_MAG
    curves = _curves(mags, visits, rng)
    inside = (dips > 0.5 * DEPTH_MAG) & ~bad
    nights = np.array([len(np.unique(curves.night[row])) for row in inside])
    return curves, signal, nights


def _found(curves: FieldCurves) -> BoolArray:
    noise = {"G": field_noise(curves.mags["G"], curves.errors["G"])}
    chosen = np.ones(len(curves.star_id), dtype=bool)
    dips = search_shallow_dips(curves, "G", noise["G"], chosen)
    found = np.zeros(len(chosen), dtype=bool)
    for star in np.flatnonzero(dips.deviate >= dips.limit).tolist():
        found[star] = confirmed(curves, noise, dips, star, "G")
    return found


@pytest.mark.parametrize(
    "seed", [1, *(pytest.param(seed, marks=pytest.mark.every) for seed in range(2, 9))]
)
def test_transits_that_the_noise_leaves_visible_are_found_and_no_constant_star(seed: int) -> None:
    """Those whose shape has 9 standard deviations, where the limit for boxes is above 6."""
    curves, signal, nights = _field(seed)
    found = _found(curves)
    assert not found[N_TRANSITS:].any()
    visible = (signal >= 9.0) & (nights >= 4)
    assert visible.sum() > 20
    assert found[visible].mean() > 0.9


def test_points_that_are_off_between_normal_ones_are_bad_and_no_others() -> None:
    times = np.concatenate([np.arange(20), 100 + np.arange(20)]) / 96.0
    away = np.zeros((3, 40))
    away[0, [5, 20]] = 9.0, -7.0
    away[1, 8:12] = 6.0
    away[2, 3:9] = np.nan
    away[2, 9] = 8.0
    lone = lone_points(away, times)
    assert np.flatnonzero(lone[0]).tolist() == [5, 20]
    assert not lone[1].any()
    assert np.flatnonzero(lone[2]).tolist() == [9]


def test_where_no_point_has_a_neighbour_none_is_called_bad() -> None:
    away = np.zeros((1, 30))
    away[0, 7] = 9.0
    assert not lone_points(away, np.arange(30.0)).any()
