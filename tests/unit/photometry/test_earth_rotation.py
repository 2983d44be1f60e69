"""The part of the Earth-rotation table that a moment needs gives what the whole table gives."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from astropy.time import Time
from astropy.utils import iers

from crowdsky.photometry.earth_rotation import EarthRotationError, last_day, rotation_around
from tests.support.peak_memory import peak_growth_mb


def test_it_interpolates_as_the_whole_table_does() -> None:
    whole = iers.IERS_Auto.open()
    first, end = whole["MJD"][0].value, whole["MJD"][-1].value
    predicted = whole.meta["predictive_mjd"]
    final_end = float(iers.IERS_B.open()["MJD"][-1].value)
    around = np.array([-400.0, -1.5, -1.0, -0.25, 0.0, 0.3, 1.0, 1.9, 400.3])
    leap_seconds = (57753.99, 57754.0, 57754.5)
    spread = np.linspace(first, end, 23)
    with (
        iers.conf.set_temp("auto_download", False),
        iers.conf.set_temp("auto_max_age", None),
        iers.conf.set_temp("iers_degraded_accuracy", "ignore"),
    ):
        for mjd in (
            *(edge + offset for edge in (first, final_end, predicted, end) for offset in around),
            *leap_seconds,
            *spread,
        ):
            moment, part = Time(mjd, format="mjd", scale="utc"), rotation_around(mjd)
            for table_value, value in zip(
                (whole.ut1_utc(moment), *whole.pm_xy(moment)),
                (part.ut1_utc(moment), *part.pm_xy(moment)),
                strict=True,
            ):
                assert value == table_value, mjd
                assert value.unit == table_value.unit
            assert len(part) < 10


def test_the_last_day_is_that_of_the_whole_table() -> None:
    assert last_day() == iers.IERS_Auto.open()["MJD"][-1].value


@pytest.mark.parametrize("text", ["", "73 1 2 four    I", "\N{DEGREE SIGN}"])
def test_a_damaged_table_is_an_error_that_names_it(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    damaged = tmp_path / "finals"
    damaged.write_text(text, "utf-8")
    monkeypatch.setattr(iers, "IERS_A_FILE", str(damaged))
    with pytest.raises(EarthRotationError, match=str(damaged)):
        rotation_around(60_000.0)


def test_a_missing_table_is_an_error_that_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(iers, "IERS_B_FILE", str(tmp_path / "none"))
    with pytest.raises(EarthRotationError, match="none"):
        rotation_around(60_000.0)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells the peak memory like this")
def test_the_times_of_a_stack_need_little_memory() -> None:
    """The whole table took 95 MB, more than all pictures of a stack."""
    imports = """
from datetime import UTC, datetime
from crowdsky.photometry.times import Site, airmass, barycentric_time
moment, site = datetime(2025, 3, 26, tzinfo=UTC), Site(48.0, 16.0)
"""
    work = """
barycentric_time(moment, 192.7, 41.1, site)
airmass(moment, 192.7, 41.1, site)
"""
    assert peak_growth_mb(imports, work) < 30.0
