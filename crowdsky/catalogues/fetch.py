"""Fills a folder of tiles from a service, pixel by pixel, and goes on where it was stopped.

A tile is written when all its stars have arrived, and the index says down to which G; a run that
ends early has lost nothing, and the next one asks only for what is missing.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from astropy.table import Table

from crowdsky.base.errors import UnexpectedAnswerError
from crowdsky.catalogues.gaia_archives import Archive, ids_of
from crowdsky.catalogues.healpix import pixel_count, pixels_in_cone
from crowdsky.catalogues.star_rows import StarRows, UnusableStarsError, joined, star_rows
from crowdsky.catalogues.tap_service import RowsMissingError, TapService
from crowdsky.catalogues.tile_folder import ID_ORDER, ORDER, TileFolder
from crowdsky.net.retry import Policy, call_with_retry

log = logging.getLogger(__name__)

QUERY = Policy(
    "query of the catalogue",
    tries=6,
    deadline_seconds=3600,
    base_seconds=5,
    cap_seconds=120,
    reason="reads only; a restart of the service should not end a run of hours",
)

ALL_SKY_ORDER = 3
"""Order of the pixels with which a fetch of the whole sky begins: 768, of 16 tiles each."""

MAG_ROUNDING = 0.001
"""Tolerance in magnitudes for a service that rounds them."""

Progress = Callable[[int, int, int], None]
"""Called with the number of units done, their total, and the stars that arrived so far."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A pixel of the sky that is asked for at once, if the service gives so many rows."""

    order: int
    pixel: int

    @property
    def tiles(self) -> range:
        """The tiles in it; for a part of a tile, that tile."""
        if self.order >= ORDER:
            tile = self.pixel >> 2 * (self.order - ORDER)
            return range(tile, tile + 1)
        shift = 2 * (ORDER - self.order)
        return range(self.pixel << shift, (self.pixel + 1) << shift)

    @property
    def parts(self) -> tuple[Unit, ...]:
        """The four pixels of the next order in it."""
        return tuple(Unit(self.order + 1, 4 * self.pixel + k) for k in range(4))


def units_of_fields(fields: Iterable[tuple[float, float, float]]) -> list[Unit]:
    """Return the tiles that fields meet: RA, Dec and radius of each, degrees."""
    found = {int(pixel) for place in fields for pixel in pixels_in_cone(ORDER, *place)}
    return [Unit(ORDER, pixel) for pixel in sorted(found)]


def units_of_sky() -> list[Unit]:
    """Return the pixels of the whole sky."""
    return [Unit(ALL_SKY_ORDER, pixel) for pixel in range(pixel_count(ALL_SKY_ORDER))]


@dataclass(frozen=True, slots=True)
class Fetcher:
    """Fetches units into a folder.

    Attributes:
        folder: receives the tiles.
        archive: how the service spells its columns.
        service: the service itself.
        faintest: G magnitude down to which stars are fetched.
        max_rows: rows to ask for at once; pixels with more stars are divided.
    """

    folder: TileFolder
    archive: Archive
    service: TapService
    faintest: float
    max_rows: int

    def missing(self, units: Iterable[Unit]) -> list[Unit]:
        """Return the units of which a tile is not complete."""
        index, files = self.folder.index(), self.folder.files()
        done = {
            pixel
            for pixel, tile in index.items()
            if pixel in files and (tile.complete_to or -99.0) >= self.faintest
        }
        return [unit for unit in units if not done.issuperset(unit.tiles)]

    def fetch(self, units: Iterable[Unit], progress: Progress) -> int:
        """Fetch the units of which a tile is missing; return the number of stars that arrived.

        Raises:
            TransientError: the service does not answer as it should, also after many tries.
            RequestRefusedError, ServiceWantsPauseError: it refuses the query, or wants a pause.
            CatalogueUnavailableError, OSError: the folder cannot be read or written.
        """
        todo, stars = self.missing(units), 0
        for number, unit in enumerate(todo):
            progress(number, len(todo), stars)
            stars += self._fetch(unit)
        progress(len(todo), len(todo), stars)
        return stars

    def _fetch(self, unit: Unit) -> int:
        """Fetch a unit of one or more tiles, in parts if it has too many stars."""
        if unit.order == ORDER:
            return self._store(unit, self._all_rows(unit))
        rows = self._rows(unit)
        if rows is not None:
            return self._store(unit, rows)
        return sum(self._fetch(part) for part in self.missing(unit.parts))

    def _all_rows(self, unit: Unit) -> StarRows:
        """Return every star of a tile, or of a part of one."""
        rows = self._rows(unit)
        return joined([self._all_rows(part) for part in unit.parts]) if rows is None else rows

    def _rows(self, unit: Unit) -> StarRows | None:
        """Return the stars of a unit; None if they are too many for one query."""
        place = (unit.order, unit.pixel, self.faintest)
        waits = self.service.waits
        count = call_with_retry(
            QUERY, lambda: self.service.number(self.archive.count(*place)), waits
        )
        can_divide = unit.order < ID_ORDER
        if count == 0:
            return joined([])
        if count > self.max_rows and can_divide:
            return None
        query = self.archive.stars(*place)
        try:
            return call_with_retry(
                QUERY, lambda: self._checked(self.service.rows(query, count), unit), waits
            )
        except RowsMissingError:
            if not can_divide:
                raise
            log.info("the service gives fewer than %d rows at once; asking for parts", count)
            return None

    def _checked(self, table: Table, unit: Unit) -> StarRows:
        """Return the rows of a table that holds what was asked for, each star once."""
        what = "could not use the stars of the service"
        try:
            rows = star_rows(table.colnames, lambda name: np.ma.asarray(table[name]))
        except UnusableStarsError as error:
            raise UnexpectedAnswerError(what, why=str(error)) from error
        first, last = ids_of(unit.order, unit.pixel)
        inside = (rows.source_id >= first) & (rows.source_id <= last)
        faint = rows.phot_g_mean_mag > self.faintest + MAG_ROUNDING
        if len(rows) != len(table) or not inside.all() or faint.any():
            raise UnexpectedAnswerError(what, why="it gave others than were asked for")
        if len(np.unique(rows.source_id)) != len(rows):
            raise UnexpectedAnswerError(what, why="some are there twice")
        return rows

    def _store(self, unit: Unit, rows: StarRows) -> int:
        """Write the stars of a unit into its tiles, also into those that have none."""
        tile_of_row = rows.source_id >> _id_shift()
        with self.folder.writing() as index:
            for tile in unit.tiles:
                self.folder.add(index, tile, rows.take(tile_of_row == tile), self.faintest)
        return len(rows)


def _id_shift() -> int:
    return int(ids_of(ORDER, 1)[0]).bit_length() - 1
