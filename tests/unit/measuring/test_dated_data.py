"""``doctor`` warns before data expire, and says what results then lose."""

from __future__ import annotations

import re
import tomllib
from datetime import date, timedelta
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pytest

from crowdsky.measuring.dated_data import WARN_AHEAD, DatedData, dated_data
from crowdsky.photometry.times import earth_rotation_known_until, leap_seconds_known_until
from crowdsky.solving.catalogue import GaiaColumns, StarCatalogue
from demo.services import REPOSITORY
from worker.commands import doctor_data
from worker.commands.doctor_storage import Limited
from worker.config import Settings, load_settings

NO_CODES = np.zeros((3, 1), dtype=np.uint32)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of a worker without any star catalogue."""
    return load_settings(
        {
            "API_BASE_URL": "http://127.0.0.1:1/api",
            "WORKER_API_KEY": "some-key",
            "INDEX_DIR": str(tmp_path),
        },
        None,
    )


def own_stars(motion: float) -> StarCatalogue:
    one = np.array([motion])
    columns = GaiaColumns(np.ones(1, dtype=np.int64), np.array([9.0]), one, one, one, one)
    return StarCatalogue("Gaia", "V", 2016.0, NO_CODES, columns)


def test_the_first_to_end_comes_first() -> None:
    tycho = StarCatalogue("Tycho-2", "VT", 2000.0, NO_CODES)
    found = dated_data([tycho, own_stars(np.nan)])
    ends = {data.name: data.until for data in found}
    assert list(ends.values()) == sorted(ends.values())
    assert ends["positions of Tycho-2"] == date(2050, 1, 1)
    assert ends["positions of Gaia"] == date(2066, 1, 1)
    assert ends["leap seconds"] == leap_seconds_known_until().date()
    assert ends["Earth rotation"] == earth_rotation_known_until().date()
    assert ends["ephemeris"].year == 2100


def test_stars_with_motions_do_not_age() -> None:
    assert not [data for data in dated_data([own_stars(3.5)]) if "Gaia" in data.name]


def test_earth_rotation_is_predicted_for_months_beyond_its_measurements() -> None:
    lead = earth_rotation_known_until() - leap_seconds_known_until()
    assert abs(lead) < timedelta(days=400), "both are parts of one package"


@pytest.mark.parametrize(("days", "is_due"), [(61, False), (59, True), (-900, True)])
def test_it_is_due_before_it_ends(days: int, is_due: bool) -> None:
    data = DatedData("tables", date(2027, 6, 28), "times are wrong")
    assert timedelta(days=60) == WARN_AHEAD
    assert data.is_due(data.until - timedelta(days=days)) == is_due


def test_doctor_says_until_when_all_is_well(settings: Settings) -> None:
    until = leap_seconds_known_until().date()
    said = doctor_data.check_dated_data(settings, until - timedelta(days=100))
    assert isinstance(said, str)
    assert str(min(until, earth_rotation_known_until().date())) in said


def test_doctor_warns_of_what_is_due(settings: Settings) -> None:
    said = doctor_data.check_dated_data(settings, leap_seconds_known_until().date())
    assert isinstance(said, Limited)
    assert "leap seconds: until" in said.detail
    assert "a second too early" in said.detail
    assert "docs/ageing.md" in said.detail
    assert (REPOSITORY / "docs" / "ageing.md").is_file()


def test_the_guide_names_the_dates_of_the_lock_file() -> None:
    """Whoever renews the packages renews the guide."""
    lock = tomllib.loads((REPOSITORY / "uv.lock").read_text())["package"]
    locked = next(one["version"] for one in lock if one["name"] == "astropy-iers-data")
    if version("astropy-iers-data") != locked:
        pytest.skip(f"other tables are installed than those of uv.lock ({locked})")
    text = (REPOSITORY / "docs" / "ageing.md").read_text()
    found = re.findall(r"`uv.lock` until (\d{4}-\d\d-\d\d)", text)
    assert found == [
        str(leap_seconds_known_until().date()),
        str(earth_rotation_known_until().date()),
    ]
