"""Shallow dips in the real ensemble's light curves: found unasked, and never in constant stars."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from crowdsky.photometry.ensemble.field import calibrate_field
from crowdsky.photometry.variability.candidates import find_variables
from crowdsky.photometry.variability.found import Variable
from crowdsky.photometry.variability.shallow_dips import depth_in
from crowdsky.synthetic.measured_nights import measured_nights
from crowdsky.synthetic.scenes import random_stars
from crowdsky.synthetic.variables import LightCurve, Transit
from tests.support.measured_field import field_observations

CENTRE = (50.0, 41.0)
T0 = 2461000.2


@dataclass(frozen=True)
class Searched:
    """The curves by star, what was found of them, and of all other stars."""

    curves: dict[int, Transit]
    found: dict[int, Variable]
    others: list[Variable]


def _search(seed: int, shapes: list[Transit], density: float) -> Searched:
    """200 stacks of 30 nights with transits of the brightest stars that are not saturated."""
    rng = np.random.default_rng(seed)
    stars = random_stars(*CENTRE, 0.38, density, rng, brightest=9.0, faintest=14.0)
    near = np.hypot((stars.ra_deg - CENTRE[0]) * 0.75, stars.dec_deg - CENTRE[1]) < 0.25
    rows = np.flatnonzero(near)[np.argsort(stars.v_mag[near])].tolist()
    curves: dict[int, LightCurve] = dict(zip(rows, shapes, strict=False))
    nights = measured_nights(stars, CENTRE, curves, rng)
    observations = field_observations(nights)
    variables = find_variables(observations, calibrate_field(observations, None))
    found = {one.star_id - 1: one for one in variables}
    return Searched(
        dict(zip(rows, shapes, strict=False)),
        {row: one for row, one in found.items() if row in curves},
        [one for row, one in found.items() if row not in curves],
    )


SHAPES = [
    Transit(1.0914, T0, 0.015, 0.13),
    Transit(0.8127, T0 + 0.31, 0.015, 0.15),
    Transit(1.4360, T0 + 0.7, 0.022, 0.13),
]


@pytest.mark.parametrize(
    "seed", [41, *(pytest.param(seed, marks=pytest.mark.every) for seed in range(42, 48))]
)
def test_transits_of_15_mmag_are_found_unasked(seed: int) -> None:
    searched = _search(seed, SHAPES, 1200.0)
    assert not searched.others
    assert len(searched.found) >= 2
    for row, one in searched.found.items():
        truth = searched.curves[row]
        assert one.kind in ("eclipses", "irregular")
        assert abs(one.amplitude_mag - truth.depth) < 3.0 * one.amplitude_error_mag
        if one.period is None:
            assert one.remark
        else:
            assert one.period.period == pytest.approx(truth.period, rel=1e-3)
            assert one.period.depth_error < 0.5 * truth.depth


def test_the_depth_in_a_box_is_that_of_its_points_and_unknown_of_few() -> None:
    rng = np.random.default_rng(2)
    inside = np.arange(400) % 8 == 0
    mags = 11.0 + 0.012 * inside + rng.normal(0.0, 0.004, 400)
    mags[::37] += 0.4
    mags[5] = np.nan
    depth = depth_in(inside, mags, np.full(400, 0.004), 1.0)
    assert depth.mag == pytest.approx(0.012, abs=3.0 * depth.error)
    assert depth.error == pytest.approx(0.004 / np.sqrt(50), rel=0.1)
    assert depth_in(inside & (np.arange(400) < 12), mags, np.full(400, 0.004), 1.0).error == np.inf
