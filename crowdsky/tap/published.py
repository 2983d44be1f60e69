"""The file that is queried: a copy of what is public, made anew when it is not up to date."""

from __future__ import annotations

import json
import math
import os
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from crowdsky.frames.card_table import public_text
from crowdsky.tap.site_database import SiteDatabase
from crowdsky.tap.tables import OBSCORE, SQL_TYPES, STACKS, TABLES, described

FRESH_SECONDS = 60.0
"""Age up to which a copy is used: new stacks are found a minute later at the latest."""

_MJD_OF_UNIX_0 = 40587.0
_SECONDS_OF_DAY = 86400.0
_BANDS = {"IRCUT": (4.0e-7, 7.0e-7), "LP": (4.8e-7, 6.7e-7)}
"""Light that a filter lets through, metres, as in `Sky/SolvedStack.php`."""


@dataclass(frozen=True)
class _Copy:
    file: Path
    ids: frozenset[int]
    made: float


class Published:
    """Keeps the copy.

    Args:
        database: the site's.
        folder: where the copies are made; only this process uses it.
        site_url: address of the site without a slash at its end.
        clock: seconds that only grow.
    """

    def __init__(
        self, database: SiteDatabase, folder: Path, site_url: str, clock: Callable[[], float]
    ) -> None:
        self._database = database
        self._folder = folder
        self._site_url = site_url
        self._clock = clock
        self._lock = threading.Lock()
        self._copy: _Copy | None = None
        self._count = 0
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for old in folder.glob("published-*.sqlite"):
            old.unlink()

    def connect(self) -> sqlite3.Connection:
        """Open a copy without any stack that is private now; nothing can be written to it.

        Raises:
            ServiceUnreachableError: the site's database cannot be read.
        """
        with self._lock:
            public = self._database.ids()
            now = self._clock()
            copy = self._copy
            if copy is None or now - copy.made > FRESH_SECONDS or copy.ids - public:
                copy = self._renew(now)
            return sqlite3.connect(
                f"{copy.file.resolve().as_uri()}?mode=ro&immutable=1",
                uri=True,
                check_same_thread=False,
            )

    def _renew(self, now: float) -> _Copy:
        archive, rows = self._database.stacks()
        self._count += 1
        file = self._folder / f"published-{os.getpid()}-{self._count}.sqlite"
        self._write(file, archive, rows)
        old, self._copy = self._copy, _Copy(file, frozenset(row[0] for row in rows), now)
        if old is not None:
            old.file.unlink(missing_ok=True)  # queries that still read it keep it open
        return self._copy

    def _write(self, file: Path, archive: str, rows: list[tuple[Any, ...]]) -> None:
        contents: dict[str, list[tuple[Any, ...]]] = {**described()}
        contents[OBSCORE.name], contents[STACKS.name] = [], []
        for row in rows:
            stack = _Stack(row, self._site_url, archive)
            contents[STACKS.name].append(stack.stacks_row())
            if stack.corners is not None:
                contents[OBSCORE.name].append(stack.obscore_row())
        with closing(sqlite3.connect(file, isolation_level=None)) as link:
            link.execute("PRAGMA journal_mode = OFF")
            link.execute("PRAGMA synchronous = OFF")
            link.execute("BEGIN")
            for table in TABLES.values():
                columns = ", ".join(
                    f"[{one.name}] {SQL_TYPES[one.datatype]}" for one in table.columns
                )
                link.execute(f"CREATE TABLE [{table.name}] ({columns})")
                marks = ", ".join("?" for _ in table.columns)
                insertion = f"INSERT INTO [{table.name}] VALUES ({marks})"  # noqa: S608 - names of ours
                link.executemany(insertion, contents[table.name])
            for table in (OBSCORE, STACKS):
                link.execute(f"CREATE INDEX [{table.name}.obs_id] ON [{table.name}] ([obs_id])")
            link.execute("COMMIT")


class _Stack:
    """One public stack as strangers see it, as `Sky/SolvedStack.php` and `Api/Vo/ObsCore.php`."""

    def __init__(self, row: tuple[Any, ...], site_url: str, archive: str) -> None:
        (self.id, self.ra, self.dec, target, telescope, filter_name, start, end, self.exposure,
         self.frames, self.bytes, wcs, self.scale, photometry) = row  # fmt: skip
        self.target = public_text(b"OBJECT", target)
        self.telescope = public_text(b"TELESCOP", telescope)
        self.filter = public_text(b"FILTER", filter_name)
        self.start, self.end = _mjd(start), _mjd(end)
        solution = {} if wcs is None else json.loads(wcs)
        self.corners: list[list[float]] | None = solution.get("corners")
        self.width, self.height = solution.get("width"), solution.get("height")
        numbers = {} if photometry is None else json.loads(photometry).get("numbers", {})
        self.seeing = numbers.get("fwhm_arcsec_g")
        self.deepest = numbers.get("limiting_mag")
        self.name = f"stack-{self.id}"
        self.did = f"ivo://crowdsky.{archive}/stacks?{self.id}" if archive else None
        self.file = f"{site_url}/api/download_frame.php?id={self.id}"
        self.page = f"{site_url}/stack.php?id={self.id}"
        self.preview = f"{site_url}/thumbnail.php?id={self.id}"

    def stacks_row(self) -> tuple[Any, ...]:
        return (self.name, self.ra, self.dec, self.target, self.telescope, self.filter, self.start,
                self.end, self.exposure, self.frames, int(self.corners is not None), self.seeing,
                self.deepest, self.file, self.page, self.preview)  # fmt: skip

    def obscore_row(self) -> tuple[Any, ...]:
        corners = self.corners or []
        outline = " ".join(["POLYGON ICRS", *(f"{one!r}" for corner in corners for one in corner)])
        band = _BANDS.get(self.filter or "")
        low, high = band or (None, None)
        power = None if band is None else (band[0] + band[1]) / 2.0 / (band[1] - band[0])
        return ("image", None, 2, "CrowdSky", self.name, self.did, self.file, "application/fits",
                (self.bytes + 999) // 1000, self.target, self.ra, self.dec,
                2.0 * _radius(corners), outline, self.seeing, self.scale, self.width, self.height,
                self.start, self.end, self.exposure, self.exposure, 1, low, high, power, 3,
                "phot.count;em.opt", 0, None, "CrowdSky", self.telescope)  # fmt: skip


def _mjd(stored: str | None) -> float | None:
    """Modified Julian date (UTC) of a stored observation time."""
    if stored is None:
        return None
    moment = datetime.fromisoformat(str(stored)).replace(tzinfo=UTC)
    return _MJD_OF_UNIX_0 + moment.timestamp() / _SECONDS_OF_DAY


def _radius(corners: list[list[float]]) -> float:
    """Radius of a circle around the mean of the corners that holds all of them, degrees."""
    vectors = [_vector(*corner) for corner in corners]
    x, y, z = (sum(vector[axis] for vector in vectors) for axis in range(3))
    ra, dec = math.degrees(math.atan2(y, x)), math.degrees(math.atan2(z, math.hypot(x, y)))
    return max(separation(ra, dec, *corner) for corner in corners)


def _vector(ra: float, dec: float) -> tuple[float, float, float]:
    a, d = math.radians(ra), math.radians(dec)
    return math.cos(d) * math.cos(a), math.cos(d) * math.sin(a), math.sin(d)


def separation(ra: float, dec: float, other_ra: float, other_dec: float) -> float:
    """Angle between two positions, all in degrees; by chords, which are exact for small angles."""
    one, other = _vector(ra, dec), _vector(other_ra, other_dec)
    chord = math.dist(one, other)
    return math.degrees(2.0 * math.asin(min(1.0, chord / 2.0)))
