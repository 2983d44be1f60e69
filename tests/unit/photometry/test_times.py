"""When a stack was exposed, and when its light passed the barycentre."""

from __future__ import annotations

import socket
from datetime import UTC, datetime, timedelta

import pytest

from worker.photometry.times import Exposure, Site, barycentric_time, observation_times

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


def test_no_times_without_exposures() -> None:
    assert observation_times([]) is None


def test_year_and_mjd() -> None:
    times = observation_times([Exposure(datetime(2025, 7, 2, 12, tzinfo=UTC), 0.0)])
    assert times is not None
    assert times.year == pytest.approx(2025.5, abs=0.001)
    assert times.mjd == pytest.approx(60858.5)


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


def test_dates_far_beyond_the_tables_still_work() -> None:
    assert barycentric_time(datetime(2040, 1, 1, tzinfo=UTC), 10.0, 10.0, Site(0.0, 0.0)) > 2466154
