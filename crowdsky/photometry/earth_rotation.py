"""Reads the rotation of the Earth around one moment from the tables that come with astropy.

Astropy reads its tables whole, 50 years of days, and that takes 95 MB and most of a second, more
than everything else that is measured on a stack. A moment needs two days of them.

The tables are IERS Bulletin A, with its predictions (finals2000A.all), and the final values of
EOP 20 C04. As in `astropy.utils.iers.IERS_Auto`, final values come before those that Bulletin A
quotes from Bulletin B, and these before its own.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from astropy import units
from astropy.utils import iers

from crowdsky.base.errors import BadDataError

_ROWS = 6
"""Number of days that are kept: those before and after the moment, and some to spare."""
_AHEAD_DAYS = 2.0

_Row = tuple[float, str]
"""Modified Julian date, UTC, and line of a day in Bulletin A."""


class EarthRotationError(BadDataError):
    """The tables of the Earth's rotation cannot be read."""


@dataclass(frozen=True, slots=True)
class _Day:
    """One day at 0 h UTC: modified Julian date, UT1 - UTC in seconds, pole in arcseconds."""

    mjd: float
    ut1_utc: float
    pole_x: float
    pole_y: float


def rotation_around(mjd: float) -> iers.IERS:
    """Return the table around a moment (modified Julian date, UTC) for astropy to interpolate in.

    For moments beyond either end it is the days at that end. Raises EarthRotationError.
    """
    final_days, days = Path(iers.IERS_B_FILE), Path(iers.IERS_A_FILE)
    try:
        rows = _nearest(_rows_of_bulletin_a(days), mjd)
        if len(rows) < _ROWS:
            raise ValueError("it has no rows of days")
        final = _final_days(final_days, rows[0][0], rows[-1][0])
        found = [_day(row, final) for row in rows]
    except (OSError, ValueError) as error:
        raise EarthRotationError(
            "could not read the rotation of the Earth",
            where=f"{days} or {final_days}",
            why=str(error),
            hint="install the package astropy-iers-data again",
        ) from error
    return iers.IERS(
        {
            "MJD": [day.mjd for day in found] * units.d,
            "UT1_UTC": [day.ut1_utc for day in found] * units.s,
            "PM_x": [day.pole_x for day in found] * units.arcsec,
            "PM_y": [day.pole_y for day in found] * units.arcsec,
        }
    )


def last_day() -> float:
    """Return the last day of the table, predictions included, as a modified Julian date, UTC.

    Raises EarthRotationError.
    """
    return float(rotation_around(math.inf)["MJD"][-1].value)


def _nearest(rows: Iterable[_Row], mjd: float) -> list[_Row]:
    near: deque[_Row] = deque(maxlen=_ROWS)
    for row in rows:
        near.append(row)
        if len(near) == _ROWS and row[0] >= mjd + _AHEAD_DAYS:
            break
    return list(near)


def _rows_of_bulletin_a(path: Path) -> Iterator[_Row]:
    """Read the rows that have values: the last are empty, to be filled by a later edition."""
    with path.open(encoding="ascii") as lines:
        for line in lines:
            if line[16:17].strip() and line[58:68].strip():
                yield float(line[7:15]), line


def _final_days(path: Path, first: float, last: float) -> dict[float, _Day]:
    """Read the days from `first` to `last` of EOP 20 C04; the format is in its comments."""
    days = {}
    with path.open(encoding="ascii") as lines:
        for line in lines:
            if line.startswith("#") or not first <= float(line[16:26]) <= last:
                continue
            mjd, x, y, ut1_utc = map(float, (line[16:26], line[26:38], line[38:50], line[50:62]))
            days[mjd] = _Day(mjd, ut1_utc, x, y)
    return days


def _day(row: _Row, final: dict[float, _Day]) -> _Day:
    """Read a row of Bulletin A; the format is in its readme.finals2000A.

    Final values count as far as Bulletin A knows those of Bulletin B.
    """
    mjd, line = row
    of_b = line[154:165].strip()
    if of_b and mjd in final:
        return final[mjd]
    pole = line[134:144], line[144:154]
    if not (pole[0].strip() and pole[1].strip()):
        pole = line[18:27], line[37:46]
    return _Day(mjd, float(of_b or line[58:68]), float(pole[0]), float(pole[1]))
