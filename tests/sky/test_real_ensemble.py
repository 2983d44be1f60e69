"""M 94's stars over two real nights, in stacks of four subs, after one common ensemble."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from crowdsky.photometry.ensemble.field import calibrate_field
from crowdsky.photometry.ensemble.flags import StarFlag
from crowdsky.photometry.ensemble.tables import FieldCalibration
from crowdsky.solving.catalogue import StarCatalogue
from tests.support.real_ensemble import constant_stars, measure_in_fours

pytestmark = [pytest.mark.real_subs, pytest.mark.slow]

CORE_RA, CORE_DEC = 192.7211, 41.1203
"""The core of the galaxy M 94, which is found as a source of 10.2 mag."""


@pytest.fixture(scope="module")
def calibrated(
    real_subs: Path, tycho: StarCatalogue, tmp_path_factory: pytest.TempPathFactory
) -> tuple[FieldCalibration, int]:
    """The calibration, and the id of the core."""
    nights = [sorted((real_subs / f"m94_night{night}").glob("Light_*.fit")) for night in (1, 2)]
    field = measure_in_fours(nights, tmp_path_factory.mktemp("fours"))
    stars = field.observations.stars
    away = np.hypot((stars.ra - CORE_RA) * np.cos(np.radians(CORE_DEC)), stars.dec - CORE_DEC)
    core = int(np.argmin(away))
    assert away[core] * 3600.0 < 15.0
    return calibrate_field(field.observations, tycho), int(stars.star_id[core])


@pytest.mark.parametrize("band", ["R", "G", "B"])
def test_constant_stars_scatter_as_their_errors_say(
    calibrated: tuple[FieldCalibration, int], band: str
) -> None:
    stars = constant_stars(calibrated[0], band)
    assert len(stars) > 40
    for limit in (12.0, 13.0, 15.0):
        chi2 = [star.chi2 for star in stars.values() if star.mag < limit]
        assert np.sqrt(np.mean(chi2)) <= 1.1
    bright = [star.scatter_mag for star in stars.values() if star.mag < 10.0]
    assert np.median(bright) < 0.025


def test_the_core_of_the_galaxy_is_flagged_and_its_error_is_honest(
    calibrated: tuple[FieldCalibration, int],
) -> None:
    calibration, core = calibrated
    stars = calibration.stars
    row = np.flatnonzero((stars.star_id == core) & (stars.band == "G"))[0]
    assert stars.flags[row] & StarFlag.OFF_MODEL
    assert not stars.flags[row] & StarFlag.COMPARISON
    assert stars.extra_mag[row] > 0.03


def test_zero_points_of_one_night_differ_by_little_and_are_sure(
    calibrated: tuple[FieldCalibration, int],
) -> None:
    zero_points = calibrated[0].zero_points
    green = zero_points.band == "G"
    assert green.sum() == 4
    first_night = zero_points.zero_point[green][:3]
    assert np.ptp(first_night) < 0.05
    assert zero_points.zero_point_error[green].max() < 0.012
