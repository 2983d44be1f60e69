"""The times of a stack, and the time at which its light passed the barycentre."""

from __future__ import annotations

import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from astropy.time import Time
from astropy.utils import iers

from crowdsky.photometry.times import (
    Exposure,
    Site,
    airmass,
    barycentric_time,
    leap_seconds_known_until,
    observation_times,
)
from tests.support.independent_bjd import independent_bjd

pytestmark = pytest.mark.calendar

VIENNA = Site(48.2, 16.4)
START = datetime(2025, 3, 27, 1, 0, 0, tzinfo=UTC)


def test_the_middle_is_where_the_light_came_in() -> None:
    # Five subs, a long gap, one more: the mean of start and end would be far off.
    exposures = [Exposure(START + timedelta(seconds=11 * k), 10.0) for k in range(5)]
    exposures.append(Exposure(START + timedelta(seconds=600), 10.0))
    times = observation_times(exposures)
    assert times is not None
    assert times.start == START
    assert times.end == START + timedelta(seconds=610)
    assert (times.middle - START).total_seconds() == pytest.approx((5 * 27.0 + 605.0) / 6)


def test_longer_exposures_weigh_more_and_order_does_not_matter() -> None:
    long, short = Exposure(START, 30.0), Exposure(START + timedelta(seconds=100), 10.0)
    times = observation_times([short, long])
    assert times is not None
    assert (times.middle - START).total_seconds() == pytest.approx((30 * 15 + 10 * 105) / 40)


def test_a_telescope_whose_clock_steps_back_a_second() -> None:
    """The second sub starts before the end of the first, because the clock was corrected."""
    exposures = [Exposure(START, 10.0), Exposure(START + timedelta(seconds=9), 10.0)]
    times = observation_times(exposures)
    assert times is not None
    assert (times.start, times.end) == (START, START + timedelta(seconds=19))
    assert (times.middle - START).total_seconds() == pytest.approx(9.5)


def test_no_times_without_exposures() -> None:
    assert observation_times([]) is None


def test_year_and_mjd() -> None:
    times = observation_times([Exposure(datetime(2025, 7, 2, 12, tzinfo=UTC), 0.0)])
    assert times is not None
    assert times.year == pytest.approx(2025.5, abs=0.001)
    assert times.mjd == pytest.approx(60858.5)


@pytest.mark.parametrize(
    ("hours_from_meridian", "expected"),
    # sin h = sin(lat) sin(dec) + cos(lat) cos(dec) cos(t), and Pickering's formula.
    [(0.0, 1.0), (3.0, 1.1490), (6.0, 1.7947)],
)
def test_airmass_follows_from_site_and_time(hours_from_meridian: float, expected: float) -> None:
    middle = datetime(2025, 3, 27, 1, 20, tzinfo=UTC)
    days = (middle - datetime(2000, 1, 1, 12, tzinfo=UTC)) / timedelta(days=1)
    # Sidereal time at Greenwich in degrees (Meeus, Astronomical Algorithms, 12.4), and the place.
    meridian = (280.46061837 + 360.98564736629 * days + VIENNA.longitude) % 360.0
    # The position is taken as ICRS, and 25 years of precession are up to 0.4 degrees.
    ra = meridian - 15.0 * hours_from_meridian
    found = airmass(middle, ra, 48.2, VIENNA)
    assert found == pytest.approx(expected, abs=0.02)


def test_below_the_horizon_there_is_no_airmass() -> None:
    assert airmass(START, 20.0, -70.0, VIENNA) is None


def test_bjd_agrees_with_a_known_value_and_needs_no_network(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    # JPL-based: on 2025-03-20 the Sun is at RA 0, the Earth at RA 180 as seen from it. Light from
    # RA 180 reaches the Earth 0.995 au / c = 497 s before the Sun, and the barycentre differs from
    # the Sun by a few seconds; TDB - UTC is 69.18 s.
    middle = datetime(2025, 3, 20, 12, tzinfo=UTC)
    jd_utc = 2460755.0
    seconds = (barycentric_time(middle, 180.0, 0.0, Site(48.0, 16.0)) - jd_utc) * 86400
    assert seconds - 69.18 == pytest.approx(497.0, abs=6.0)
    opposite = (barycentric_time(middle, 0.0, 0.0, Site(48.0, 16.0)) - jd_utc) * 86400
    assert opposite - 69.18 == pytest.approx(-497.0, abs=6.0)


@pytest.fixture
def old_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    """The measured part of the Earth-rotation table ended years ago, whatever today is."""
    monkeypatch.setitem(iers.IERS_Auto.open().meta, "predictive_mjd", 50_000.0)


@pytest.mark.usefixtures("old_tables")
def test_astropy_itself_refuses_old_tables() -> None:
    """Otherwise the tests below would prove nothing."""
    with (
        iers.conf.set_temp("auto_download", False),
        pytest.raises(ValueError, match="predictive values"),
    ):
        _ = Time("2026-11-28", scale="utc").ut1


@pytest.mark.filterwarnings("ignore:.*dubious year")  # ERFA's word for years to come
@pytest.mark.usefixtures("old_tables")
@pytest.mark.parametrize("year", [1990, 2005, 2025, 2026, 2027, 2040, 2090])
def test_any_date_has_a_barycentric_time(year: int) -> None:
    moment = datetime(year, 11, 28, 22, 30, 15, 250_000, tzinfo=UTC)
    ours = barycentric_time(moment, 192.7, 41.1, VIENNA)
    assert (ours - independent_bjd(moment, 192.7, 41.1, VIENNA)) * 86400 == pytest.approx(
        0, abs=0.1
    )


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2016, 12, 31, 23, 59, 59, 999_000, tzinfo=UTC),
        datetime(2017, 1, 1, tzinfo=UTC),
        datetime(2024, 2, 29, 23, 59, 59, tzinfo=UTC),
        datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC),
    ],
    ids=str,
)
def test_ends_of_years_and_leap_days(moment: datetime) -> None:
    assert seconds_off(moment, 10.0, -60.0) == pytest.approx(0.0, abs=0.1)


def test_the_end_of_known_leap_seconds_is_that_of_the_data() -> None:
    until = leap_seconds_known_until()
    text = Path(iers.IERS_LEAP_SECOND_FILE).read_text()
    assert f"File expires on {until.day} {until:%B %Y}" in text
    assert until.tzinfo is UTC


def seconds_off(moment: datetime, ra: float, dec: float) -> float:
    """Our BJD of a moment minus an independent one."""
    ours = barycentric_time(moment, ra, dec, VIENNA)
    return (ours - independent_bjd(moment, ra, dec, VIENNA)) * 86400


def test_without_a_site_the_time_is_that_of_the_centre_of_the_earth() -> None:
    moment = datetime(2025, 3, 27, 1, 20, tzinfo=UTC)
    off = [
        (barycentric_time(moment, 192.7, 41.1, site) - barycentric_time(moment, 192.7, 41.1, None))
        * 86400.0
        for site in (VIENNA, Site(0.0, 0.0), Site(-33.0, 151.0))
    ]
    assert max(map(abs, off)) < 0.0214
    assert max(off) - min(off) > 0.01
