"""Data that expire: until when the installed data are valid, and the effect on results afterwards.

See docs/ageing.md. Nothing stops working at these dates; results lose the accuracy described here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from crowdsky.photometry.times import earth_rotation_known_until, leap_seconds_known_until
from crowdsky.solving.catalogue import Catalogue

WARN_AHEAD = timedelta(days=60)
"""Time before the end of validity at which to warn: Bulletin C, which announces leap seconds, is
published every six months."""

EPHEMERIS_UNTIL = date(2100, 1, 1)
"""End of the ephemeris: ERFA's `epv00` is fitted to JPL's DE405 for 1900 to 2100."""

STILL_STARS_YEARS = 50
"""Years after its epoch for which a catalogue without proper motions is valid. Stars move by about
0.02 arcsec a year: 25 years after the epoch of Tycho-2, matched stars of real stacks scatter by 0.6
arcsec; after 50 years that is half a pixel of a Seestar."""


@dataclass(frozen=True, slots=True)
class DatedData:
    """One kind of data: its name, the day until which it is valid, and the effect afterwards."""

    name: str
    until: date
    afterwards: str

    def is_due(self, today: date) -> bool:
        """Whether it is time to renew the data."""
        return today + WARN_AHEAD > self.until


def dated_data(catalogues: Iterable[Catalogue]) -> tuple[DatedData, ...]:
    """List the data installed here and the catalogues in use, the first to expire first."""
    found = [
        DatedData(
            "leap seconds",
            leap_seconds_known_until().date(),
            "barycentric times are a second too early for each one that was announced since",
        ),
        DatedData(
            "Earth rotation",
            earth_rotation_known_until().date(),
            "barycentric times lose up to 1.4 microseconds",
        ),
        DatedData("ephemeris", EPHEMERIS_UNTIL, "nobody has tested how accurate it is"),
        *(_positions(catalogue) for catalogue in catalogues if not catalogue.has_motions),
    ]
    return tuple(sorted(found, key=lambda data: data.until))


def today() -> date:
    """Return the date in UTC."""
    return datetime.now(UTC).date()


def _positions(catalogue: Catalogue) -> DatedData:
    return DatedData(
        f"positions of {catalogue.name}",
        date(int(catalogue.epoch) + STILL_STARS_YEARS, 1, 1),
        "plates scatter by more than half a pixel, and fast stars find no partner",
    )
