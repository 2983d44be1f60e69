"""Rows of a partition without a site: what is not known, and what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from astropy.coordinates import EarthLocation, SkyCoord
from astropy.time import Time

from crowdsky.base.errors import BadDataError
from crowdsky.hats.cell import read_cell
from crowdsky.hats.positions import EpochTimes, spatial_index
from crowdsky.photometry.ensemble.columns import UnreadableTableError


def test_times_of_stars_are_those_of_astropy() -> None:
    """The middle is where the time is known for; a star lies up to 2 degrees away."""
    # At the centre of the Earth: the way from there is what differs.
    place = EarthLocation.from_geocentric(0, 0, 0, unit="m")
    days = np.linspace(51000.25, 60000.25, 40)
    times = Time(days, format="mjd", scale="tdb", location=place)

    def bjd(ra: float, dec: float) -> np.ndarray:
        way = times.light_travel_time(SkyCoord(ra, dec, unit="deg"), ephemeris="builtin")
        return np.asarray((times + way).jd)

    for ra, dec in ((10.0, 0.0), (192.7, 41.1), (80.0, -66.0), (300.0, 89.0)):
        epochs = EpochTimes(bjd(ra, dec), np.full(40, ra), np.full(40, dec))
        found = epochs.at(np.arange(40), np.full(40, ra + 1.5), np.full(40, dec - 1.2))
        apart = (found - bjd(ra + 1.5, dec - 1.2)) * 86400.0
        assert np.abs(apart).max() < 0.01
    unknown = EpochTimes(np.array([np.nan]), np.zeros(1), np.zeros(1))
    assert np.isnan(unknown.at(np.array([0]), np.zeros(1), np.zeros(1)))


def test_a_star_elsewhere_is_an_error() -> None:
    with pytest.raises(BadDataError, match="outside of pixel 5"):
        spatial_index(3, 5, np.array([10.0]), np.array([-80.0]))


def test_a_file_that_is_none_is_named(tmp_path: Path) -> None:
    path = tmp_path / "rows.fits"
    path.write_bytes(b"SIMPLE  =                    T" + b" " * 50 + b"END".ljust(2800))
    with pytest.raises(UnreadableTableError, match="ORDER"):
        read_cell(path)
