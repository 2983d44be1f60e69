"""A folder of Gaia tiles: one Parquet file for each HEALPix pixel of order 5, and an index.

::

    MANIFEST.json               release, and for each tile SHA-256, bytes, rows, completeness
    hpx5=00042/part.parquet     the stars of pixel 42, sorted by source_id
    wanted/00042                left by a measurement that found no such tile

The layout is that of the tiles that seestar-photometry downloads; a folder of those can be used,
too. Files appear whole or not at all, so that workers may read while another program adds stars.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np

from crowdsky.base.extras import require_extra
from crowdsky.catalogues.healpix import Pixels, centres, pixels_at
from crowdsky.catalogues.star_files import READ_EXTRA, read_star_file
from crowdsky.catalogues.star_rows import StarRows, joined
from crowdsky.solving.catalogue import CatalogueUnavailableError
from crowdsky.solving.tan import separation

ORDER = 5
"""HEALPix order of the tiles: 3.4 square degrees, of which a field of a small telescope meets one
to four."""

ID_ORDER, ID_SHIFT = 12, 35
"""Order of the pixel that Gaia writes into a source_id, and the bits below it."""

ID_REACH_DEG = 0.05
"""Distance up to which a star may be from the centre of the pixel in its id: that of the corners,
and some arcseconds, because the ids are older than the positions. Any other id is not Gaia's."""

MANIFEST = "MANIFEST.json"
PART = "part.parquet"
WANTED = "wanted"
RELEASE = "Gaia DR3"
FOLDER_NAME = re.compile(r"hpx5=(\d{1,5})")

COLUMNS = {
    "source_id": "int64", "ra": "float64", "dec": "float64", "ref_epoch": "float32",
    "pmra": "float32", "pmdec": "float32", "phot_g_mean_mag": "float32", "bp_rp": "float32",
    "v_mag": "float32",
}  # fmt: skip
"""Columns of a tile and their types; a number that is not known is null, and so is a missing id."""


@dataclass(frozen=True, slots=True)
class Tile:
    """What the index says of a tile.

    complete_to -- G magnitude down to which it has every star of Gaia; None if not known
    """

    sha256: str
    bytes: int
    rows: int
    complete_to: float | None = None


def tile_of(rows: StarRows) -> Pixels:
    """Return the tile of each star: that of its id if that is Gaia's, else that of its position.

    Stars close to a border thus stay in the tile in which services list them.
    """
    by_place = pixels_at(ORDER, rows.ra, rows.dec)
    of_id = np.clip(rows.source_id >> ID_SHIFT, 0, (12 << 2 * ID_ORDER) - 1)
    is_near = separation(rows.ra, rows.dec, *centres(ID_ORDER, of_id)) <= ID_REACH_DEG
    is_gaia = is_near & (rows.source_id >= 1 << ID_SHIFT)
    return np.where(is_gaia, of_id >> 2 * (ID_ORDER - ORDER), by_place)


def without_repeats(rows: StarRows) -> StarRows:
    """Leave out repeated stars: those with the same id, or at the same place without one."""
    has_id = rows.source_id != 0
    _, first = np.unique(rows.source_id, return_index=True)
    keep = np.zeros(len(rows), dtype=bool)
    keep[first] = True
    keep &= has_id
    unnamed = np.flatnonzero(~has_id)
    places = np.stack([rows.ra[unnamed], rows.dec[unnamed]], axis=1)
    _, first = np.unique(places, axis=0, return_index=True)
    keep[unnamed[first]] = True
    return rows.take(keep)


class TileFolder:
    """The files of a folder of tiles.

    Args:
        path: the folder; it need not exist before something is written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def files(self) -> dict[int, Path]:
        """Return the tiles that are there, by their pixel."""
        found = {}
        for folder in self.path.glob("hpx5=*"):
            match = FOLDER_NAME.fullmatch(folder.name)
            if match and (folder / PART).is_file():
                found[int(match[1])] = folder / PART
        return found

    def file(self, pixel: int) -> Path:
        """Return the file of a tile, also where it is not there yet."""
        for digits in (5, 4):  # seestar-photometry writes four
            path = self.path / f"hpx5={pixel:0{digits}d}" / PART
            if path.is_file():
                return path
        return self.path / f"hpx5={pixel:05d}" / PART

    def read(self, pixel: int) -> StarRows:
        """Read a tile; no rows where there is none.

        Raises:
            CatalogueUnavailableError: it cannot be read.
        """
        path = self.file(pixel)
        return read_star_file(path).rows if path.is_file() else joined([])

    def index(self) -> dict[int, Tile]:
        """Read the index; empty without one.

        Raises:
            CatalogueUnavailableError: it is damaged.
        """
        path = self.path / MANIFEST
        try:
            parts = json.loads(path.read_text("utf-8"))["parts"]
            return {int(pixel): _tile(part) for pixel, part in parts.items()}
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise CatalogueUnavailableError(
                "could not read the index of the star catalogue",
                where=str(path),
                why=f"{type(error).__name__}: {error}",
                hint="delete it and run `crowdsky catalogue check --repair`",
            ) from error

    @contextmanager
    def writing(self) -> Iterator[dict[int, Tile]]:
        """Keep other programs from writing here meanwhile; they wait.

        Yields the index, which is written at the end: also after an error, because the tiles that
        were written before it stay.

        Raises:
            OSError: the folder cannot be created or written.
            CatalogueUnavailableError: its index is damaged.
        """
        self.path.mkdir(parents=True, exist_ok=True)
        with (self.path / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            tiles = self.index()
            before = dict(tiles)
            try:
                yield tiles
            finally:
                if tiles != before:
                    self._write_index(tiles)

    def add(
        self,
        tiles: dict[int, Tile],
        pixel: int,
        rows: StarRows,
        complete_to: float | None = None,
    ) -> None:
        """Add stars to a tile; a star that is there is replaced.

        Args:
            tiles: the index that `writing` yielded; it is updated.
            pixel: the tile.
            rows: the stars; there need not be any.
            complete_to: says that `rows` has all stars of Gaia down to this G.
        """
        merged = without_repeats(joined([rows, self.read(pixel)]))
        merged = merged.take(np.argsort(merged.source_id, kind="stable"))
        path = self.file(pixel)
        _write_whole(path, lambda partial: write_rows(partial, merged))
        (self.path / WANTED / f"{pixel:05d}").unlink(missing_ok=True)
        known = tiles[pixel].complete_to if pixel in tiles else None
        depths = [depth for depth in (complete_to, known) if depth is not None]
        tiles[pixel] = describe_tile(path, len(merged), max(depths, default=None))

    def _write_index(self, tiles: dict[int, Tile]) -> None:
        index = {
            "release": RELEASE,
            "hpx_level": ORDER,
            "columns": list(COLUMNS),
            "rows": sum(tile.rows for tile in tiles.values()),
            "parts": {str(pixel): asdict(tiles[pixel]) for pixel in sorted(tiles)},
        }
        text = json.dumps(index, indent=1)
        _write_whole(self.path / MANIFEST, lambda partial: partial.write_text(text, "utf-8"))

    def wanted(self) -> list[int]:
        """Return the tiles that measurements did not find, sorted."""
        names = (path.name for path in (self.path / WANTED).glob("*"))
        return sorted(int(name) for name in names if re.fullmatch(r"\d{5}", name))

    def want(self, pixel: int) -> None:
        """Note that a tile is missing; a folder that cannot be written is left as it is."""
        try:
            (self.path / WANTED).mkdir(parents=True, exist_ok=True)
            (self.path / WANTED / f"{pixel:05d}").touch()
        except OSError:
            pass


def describe_tile(path: Path, rows: int, complete_to: float | None) -> Tile:
    """Return what the index has to say of a file."""
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return Tile(digest, path.stat().st_size, rows, complete_to)


def write_rows(path: Path, rows: StarRows) -> None:
    """Write stars as Parquet with the columns of a tile."""
    require_extra(READ_EXTRA, "writing Parquet", "pyarrow")
    import pyarrow as pa
    from pyarrow import parquet

    columns = {}
    for name, kind in COLUMNS.items():
        values = getattr(rows, name)
        missing = values == 0 if name == "source_id" else ~np.isfinite(values)
        columns[name] = pa.array(values.astype(kind), mask=missing)
    parquet.write_table(pa.table(columns), path, compression="zstd")


def _write_whole(path: Path, write: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".part")
    try:
        write(partial)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def _tile(part: dict[str, Any]) -> Tile:
    """Read an entry of the index; others may have written more into it."""
    known = {field.name for field in fields(Tile)}
    return Tile(**{name: value for name, value in part.items() if name in known})
