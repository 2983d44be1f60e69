"""Computes the times of a stack from the subs that it is made of."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from astropy import units
from astropy.coordinates import AltAz, EarthLocation, SkyCoord
from astropy.time import Time
from astropy.utils import iers

from crowdsky.frames.dates import MJD_ZERO
from crowdsky.photometry.earth_rotation import last_day, rotation_around


@dataclass(frozen=True, slots=True)
class Exposure:
    """One sub: start (aware, UTC) and length in seconds."""

    start: datetime
    seconds: float


@dataclass(frozen=True, slots=True)
class Site:
    """Where the telescope stands: degrees, east and north positive."""

    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class Times:
    """Start of the first exposure, end of the last, and the weighted middle; aware, UTC."""

    start: datetime
    end: datetime
    middle: datetime

    @property
    def year(self) -> float:
        """The middle as a decimal year, the epoch of the positions."""
        begin = datetime(self.middle.year, 1, 1, tzinfo=UTC)
        length = datetime(self.middle.year + 1, 1, 1, tzinfo=UTC) - begin
        return self.middle.year + (self.middle - begin) / length

    @property
    def mjd(self) -> float:
        """The middle as modified Julian date, UTC."""
        return (self.middle - MJD_ZERO) / timedelta(days=1)


def observation_times(exposures: Sequence[Exposure]) -> Times | None:
    """Compute the times of a stack of these exposures; None without any.

    The middle is the mean of the middles of the exposures, weighted by their lengths. With gaps
    between subs this is the mean time of the light, unlike the mean of start and end.
    """
    if not exposures:
        return None
    first = min(exposure.start for exposure in exposures)
    total = sum(exposure.seconds for exposure in exposures)
    weights = [exposure.seconds if total > 0 else 1.0 for exposure in exposures]
    offsets = [
        (exposure.start - first).total_seconds() + exposure.seconds / 2.0 for exposure in exposures
    ]
    mean = sum(w * o for w, o in zip(weights, offsets, strict=True)) / sum(weights)
    return Times(
        start=first,
        end=max(exposure.start + timedelta(seconds=exposure.seconds) for exposure in exposures),
        middle=first + timedelta(seconds=mean),
    )


def barycentric_time(middle: datetime, ra_deg: float, dec_deg: float, site: Site | None) -> float:
    """Compute BJD_TDB of a moment for light from a position on the sky, as a Julian date in days.

    Follows Eastman, Siverd & Gaudi (2010, PASP 122, 935): UTC to TDB, plus the light travel time
    from the site to the barycentre. It uses the tables that came with astropy, however old they
    are, and never the network. The effect of their age:

    - Earth rotation: beyond the table, UT1 - UTC is that of its end, at most 0.9 s off, which moves
      the site by 0.4 km and the result by 1.4 microseconds.
    - Leap seconds: each one that the table does not have makes the result a second too early; see
      `leap_seconds_known_until`.
    - Ephemeris (ERFA's `epv00`, 1900 to 2100): 11 km, 40 microseconds.

    Args:
        middle: the moment, aware, UTC.
        ra_deg, dec_deg: position, ICRS, degrees.
        site: where the telescope is; None for the centre of the Earth, at most 0.021 s off.
    """
    with _tables_as_they_are(), _rotation_at(middle):
        place = EarthLocation.from_geocentric(0, 0, 0, units.m) if site is None else _place(site)
        moment = Time(middle.replace(tzinfo=None), scale="utc", location=place)
        target = SkyCoord(ra_deg * units.deg, dec_deg * units.deg)
        barycentric = moment.tdb + moment.light_travel_time(target)
    return float(barycentric.jd)


def airmass(middle: datetime, ra_deg: float, dec_deg: float, site: Site) -> float | None:
    """Compute the airmass towards a position (ICRS, degrees); None below the horizon.

    Pickering (2002, DIO 12, 1), which holds down to the horizon, for the altitude without
    refraction. ``middle`` is aware, UTC.
    """
    place = _place(site)
    with _tables_as_they_are(), _rotation_at(middle):
        local = AltAz(obstime=Time(middle.replace(tzinfo=None), scale="utc"), location=place)
        target = SkyCoord(ra_deg * units.deg, dec_deg * units.deg)
        altitude = float(target.transform_to(local).alt.deg)
    if altitude <= 0.0:
        return None
    return 1.0 / math.sin(math.radians(altitude + 244.0 / (165.0 + 47.0 * altitude**1.1)))


def _place(site: Site) -> EarthLocation:
    return EarthLocation.from_geodetic(site.longitude * units.deg, site.latitude * units.deg)


def leap_seconds_known_until() -> datetime:
    """Return the day, UTC, until which the leap seconds in astropy's data are complete."""
    with _tables_as_they_are():
        year, month, day = iers.LeapSeconds.auto_open().expires.to_value("ymdhms").tolist()[:3]
    return datetime(year, month, day, tzinfo=UTC)


def earth_rotation_known_until() -> datetime:
    """Return the last day, UTC, of astropy's Earth-rotation table, predictions included."""
    return MJD_ZERO + timedelta(days=last_day())


@contextmanager
def _rotation_at(moment: datetime) -> Iterator[None]:
    """Let astropy use the part of its Earth-rotation table that a moment, aware, needs."""
    mjd = (moment - MJD_ZERO) / timedelta(days=1)
    with iers.earth_orientation_table.set(rotation_around(mjd)):
        yield


@contextmanager
def _tables_as_they_are() -> Iterator[None]:
    """Let astropy use its bundled tables at any age, without the network and without warnings.

    By default it refuses moments after the measured part of the Earth-rotation table once that is
    30 days old, whatever `auto_download` and `iers_degraded_accuracy` are. Without this limit it no
    longer warns of expired leap seconds, either: callers have to check that themselves.
    """
    with (
        iers.conf.set_temp("auto_download", False),
        iers.conf.set_temp("auto_max_age", None),
        iers.conf.set_temp("iers_degraded_accuracy", "ignore"),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore")  # about "dubious years" and moments beyond the tables
        yield
