"""A field of several telescopes and nights, with all that goes wrong: clouds, blends, bad points.

Its truth was drawn by other code than the tables of the other tests.
"""

from __future__ import annotations

import numpy as np
import pytest

from crowdsky.photometry.ensemble.field import calibrate_field
from crowdsky.photometry.ensemble.flags import StarFlag
from crowdsky.photometry.ensemble.tables import FieldCalibration
from crowdsky.synthetic.measured_nights import MeasuredNights, measured_nights
from crowdsky.synthetic.scenes import random_stars
from crowdsky.synthetic.variables import RRLyrae
from crowdsky.synthetic.visits import observing_plan
from tests.support.measured_field import field_observations

CENTRE = (50.0, 41.0)
VARIABLE = 3


@pytest.fixture(scope="module")
def nights() -> MeasuredNights:
    rng = np.random.default_rng(161)
    stars = random_stars(*CENTRE, 0.4, 350.0, rng, brightest=9.0, faintest=15.5)
    curves = {VARIABLE: RRLyrae(0.61, 2461000.2, 0.8)}
    return measured_nights(stars, CENTRE, curves, rng, visits=observing_plan(rng, 80, 15))


@pytest.fixture(scope="module")
def calibration(nights: MeasuredNights) -> FieldCalibration:
    return calibrate_field(field_observations(nights), None)


def _rows(nights: MeasuredNights, calibration: FieldCalibration, band: str) -> np.ndarray:
    """The rows of constant stars with no neighbour in a band."""
    star = np.searchsorted(nights.stars["star_id"], calibration.stars.star_id)
    alone = ~nights.blended[star] & (star != VARIABLE)
    return np.flatnonzero((calibration.stars.band == band) & alone)


@pytest.mark.parametrize("band", ["R", "G", "B"])
def test_reduced_chi_square_is_one_at_every_magnitude(
    nights: MeasuredNights, calibration: FieldCalibration, band: str
) -> None:
    stars, rows = calibration.stars, _rows(nights, calibration, band)
    mag, chi2 = stars.mag[rows], stars.chi2[rows]
    for low, high in ((8.0, 12.0), (12.0, 13.0), (13.0, 14.0), (14.0, 15.0)):
        inside = (mag >= low) & (mag < high)
        assert inside.sum() > 5
        assert 0.8 < np.median(chi2[inside]) < 1.3


def test_bright_constant_stars_scatter_by_at_most_8_millimagnitudes(
    nights: MeasuredNights, calibration: FieldCalibration
) -> None:
    stars, rows = calibration.stars, _rows(nights, calibration, "G")
    bright = rows[stars.mag[rows] < 11.0]
    assert np.median(stars.scatter_mag[bright]) < 0.008


def test_the_variable_keeps_its_errors(
    nights: MeasuredNights, calibration: FieldCalibration
) -> None:
    stars = calibration.stars
    mine = (stars.star_id == nights.stars["star_id"][VARIABLE]) & (stars.band == "G")
    assert stars.chi2[mine][0] > 10.0
    assert stars.extra_mag[mine][0] == 0.0
    assert not stars.flags[mine][0] & (StarFlag.OFF_MODEL | StarFlag.COMPARISON)


def test_hardly_any_constant_star_is_off_the_model(
    nights: MeasuredNights, calibration: FieldCalibration
) -> None:
    rows = _rows(nights, calibration, "G")
    off = (calibration.stars.flags[rows] & StarFlag.OFF_MODEL) != 0
    assert off.sum() <= len(rows) // 100
    bright = calibration.stars.mag[rows] < 12.5
    good = (calibration.stars.flags[rows] & StarFlag.COMPARISON) != 0
    assert good[bright].mean() > 0.8
