"""`crowdsky catalogue add|fetch|list|check`: the local tiles of Gaia."""

from __future__ import annotations

import argparse
import fcntl
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from crowdsky.base.arguments import existing_file
from crowdsky.base.errors import ConfigurationError, CrowdSkyError
from crowdsky.catalogues.gaia_archives import ARCHIVES

DEFAULT_FAINTEST = 16.0
"""G magnitude of `fetch`: about that of the faintest star of a stack of an hour."""

DEFAULT_RADIUS_DEG = 1.0
"""Radius of a field of which only the middle is given: half the diagonal of a Seestar's, and room
for a pointing that is off."""

DEFAULT_PAUSE = 1.0
DEFAULT_MAX_ROWS = 100_000
FRAME_ENDINGS = (".fit", ".fits", ".fts")


def add_parser(commands: Any) -> None:
    """Add the subcommand to the parsers of `crowdsky`."""
    parser = commands.add_parser("catalogue", help="the local tiles of Gaia")
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    for name, run, text in (
        ("add", _add, "add the stars of files: a download in Parquet, FITS, ECSV, CSV or VOTable"),
        ("fetch", _fetch, "fetch stars from the Gaia archive or VizieR"),
        ("list", _list, "list the tiles"),
        ("check", _check, "compare the tiles with their index"),
    ):
        action = actions.add_parser(name, help=text, description=f"Will {text}.")
        action.add_argument(
            "--folder", type=Path, help="folder of the tiles (default: CATALOGUE_DIR)"
        )
        action.set_defaults(run=run)
        if name == "add":
            action.add_argument("files", nargs="+", type=existing_file, metavar="FILE")
        elif name == "fetch":
            _add_fetch_options(action)
        elif name == "check":
            action.add_argument(
                "--repair", action="store_true", help="remove damaged tiles, and write a new index"
            )


def _add_fetch_options(action: argparse.ArgumentParser) -> None:
    where = action.add_argument_group(
        "which part of the sky", "by default the tiles that measurements did not find"
    )
    where.add_argument(
        "--field", action="append", nargs="+", type=float, default=[], metavar="DEGREES",
        help="RA, Dec, and radius (default 1) of a field; may be given several times",
    )  # fmt: skip
    where.add_argument(
        "--frames", nargs="+", type=Path, default=[], metavar="PATH",
        help="subs or stacks, or folders of them: their fields",
    )  # fmt: skip
    where.add_argument("--all-sky", action="store_true", help="everything; takes hours")
    action.add_argument(
        "--magnitude", type=float, default=DEFAULT_FAINTEST, help="faintest G (default 16)"
    )
    action.add_argument(
        "--service", choices=sorted(ARCHIVES), default="gaia", help="who is asked (default gaia)"
    )
    action.add_argument("--url", help="another TAP service with the same tables")
    action.add_argument(
        "--pause", type=float, default=DEFAULT_PAUSE, help="seconds between requests (default 1)"
    )
    action.add_argument(
        "--max-rows", type=int, default=DEFAULT_MAX_ROWS, help="rows per query (default 100000)"
    )


def _folder(options: argparse.Namespace) -> Any:
    """Return the folder that was named, or that of the settings."""
    from crowdsky.catalogues.tile_folder import TileFolder
    from crowdsky.measuring.recipe import load_recipe

    path = options.folder or load_recipe().catalogue_dir
    if path is None:
        raise ConfigurationError(
            "no folder for the catalogue is known",
            hint="set CATALOGUE_DIR in .env, or give --folder DIR",
        )
    return TileFolder(path)


def _existing_folder(options: argparse.Namespace) -> Any:
    """Return the folder as `_folder` does; raises ConfigurationError where there is none."""
    folder = _folder(options)
    if not folder.path.is_dir():
        raise ConfigurationError(
            "there are no tiles",
            where=str(folder.path),
            why="it is not a folder" if folder.path.exists() else "the folder does not exist",
            hint="check --folder and CATALOGUE_DIR; add and fetch create it",
        )
    return folder


def _count(number: int, what: str) -> str:
    """Return a number with its noun, in the plural unless there is one."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _add(options: argparse.Namespace) -> None:
    import numpy as np

    from crowdsky.catalogues.star_files import read_star_file
    from crowdsky.catalogues.tile_folder import tile_of

    folder = _folder(options)
    for path in options.files:
        file = read_star_file(path)
        bright = np.isfinite(file.rows.phot_g_mean_mag) | np.isfinite(file.rows.v_mag)
        rows = file.rows.take(bright)
        if not len(rows):
            raise CrowdSkyError("no star could be added", where=str(path),
                                why="none in it has a position and a magnitude")  # fmt: skip
        pixels = tile_of(rows)
        tiles = np.unique(pixels)
        with folder.writing() as index:
            for pixel in tiles:
                folder.add(index, int(pixel), rows.take(pixels == pixel))
        added = f"{_count(len(rows), 'star')} added to {_count(len(tiles), 'tile')}"
        _say(f"{path}: {added} in {folder.path}")
        if file.cut_off:
            _say(f"{path}: the service that wrote it says that rows are missing (OVERFLOW)")


def _fetch(options: argparse.Namespace) -> None:
    from dataclasses import replace

    from crowdsky.catalogues.fetch import Fetcher
    from crowdsky.catalogues.tap_service import TapService

    if options.max_rows < 1 or options.pause < 0:
        raise ConfigurationError("--max-rows must be at least 1, and --pause at least 0")
    folder = _folder(options)
    units = _units(options, folder)
    archive = ARCHIVES[options.service]
    if options.url:
        archive = replace(archive, url=options.url.rstrip("/"))
    service = TapService(archive.url, options.pause)
    fetcher = Fetcher(folder, archive, service, options.magnitude, options.max_rows)
    todo = fetcher.missing(units)
    _say(f"{len(todo)} of {_count(len(units), 'part')} of the sky to fetch from {archive.url}")
    with _alone(folder.path):
        stars = fetcher.fetch(todo, _progress)
    _say(f"{_count(stars, 'star')} to G {options.magnitude:g} are now in {folder.path}")


def _progress(done: int, total: int, stars: int) -> None:
    if done < total:
        sys.stderr.write(f"part {done + 1} of {total}, {stars:,} stars so far\n")


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Keep a second fetch into a folder from asking the service at the same time."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".fetching").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise CrowdSkyError(
                "another fetch into this folder is running", where=str(folder)
            ) from error
        yield


def _units(options: argparse.Namespace, folder: Any) -> list[Any]:
    """Return what to fetch: given fields, those of frames, everything, or what is wanted."""
    from crowdsky.catalogues.fetch import Unit, units_of_fields, units_of_sky
    from crowdsky.catalogues.tile_folder import ORDER

    if options.all_sky:
        return units_of_sky()
    fields = [_field(numbers) for numbers in options.field]
    fields += [(ra, dec, DEFAULT_RADIUS_DEG) for ra, dec in _pointings(options.frames)]
    if fields:
        return list(units_of_fields(fields))
    wanted = [Unit(ORDER, pixel) for pixel in folder.wanted()]
    if not wanted:
        raise CrowdSkyError(
            "there is nothing to fetch",
            why="no field is given, and no measurement missed a tile",
            hint="give --field RA DEC, --frames PATH or --all-sky",
        )
    return wanted


def _field(numbers: list[float]) -> tuple[float, float, float]:
    if len(numbers) not in (2, 3):
        raise ConfigurationError("--field needs RA and Dec in degrees, and may have a radius")
    ra, dec, radius = (*numbers, DEFAULT_RADIUS_DEG)[:3]
    if not (-360.0 <= ra <= 360.0 and -90.0 <= dec <= 90.0 and 0.0 < radius <= 180.0):
        raise ConfigurationError(f"--field {' '.join(f'{n:g}' for n in numbers)} is not on the sky")
    return ra % 360.0, dec, radius


def _pointings(paths: list[Path]) -> list[tuple[float, float]]:
    """Return where frames point; those that do not say are named and left out."""
    from crowdsky.frames.angles import pointing
    from crowdsky.frames.fits_header import UnreadableFrameError, read_header

    files: list[Path] = []
    for path in paths:
        inside = (found for found in path.rglob("*") if found.suffix.lower() in FRAME_ENDINGS)
        files += sorted(inside) if path.is_dir() else [path]
    found = set()
    for file in files:
        try:
            with file.open("rb") as stream:
                ra, dec = pointing(read_header(file, stream).get)
        except (UnreadableFrameError, OSError) as error:
            _say(f"{file}: left out: {error}")
            continue
        if ra is None or dec is None:
            _say(f"{file}: left out: it does not say where it points")
        else:
            found.add((round(ra, 2), round(dec, 2)))
    if paths and not found:
        raise CrowdSkyError("no frame says where it points", hint="give --field RA DEC")
    return sorted(found)


def _list(options: argparse.Namespace) -> None:
    import numpy as np

    from crowdsky.catalogues.healpix import centres
    from crowdsky.catalogues.tile_folder import ORDER

    folder = _existing_folder(options)
    index, files = folder.index(), folder.files()
    for pixel in sorted(files):
        tile = index.get(pixel)
        (ra,), (dec,) = centres(ORDER, np.array([pixel]))
        rows = "not in the index" if tile is None else f"{tile.rows:>9,} stars"
        known = tile is not None and tile.complete_to is not None
        depth = f"complete to G {tile.complete_to:g}" if tile and known else "from files"
        _say(f"{pixel:05d}  RA {ra:7.3f}  Dec {dec:+7.3f}  {rows}  {depth}")
    stars = sum(tile.rows for pixel, tile in index.items() if pixel in files)
    size = sum(path.stat().st_size for path in files.values())
    _say(
        f"{_count(len(files), 'tile')}, {_count(stars, 'star')}, {size / 1e6:.1f} MB"
        f" in {folder.path}"
    )
    if wanted := folder.wanted():
        were = "was" if len(wanted) == 1 else "were"
        _say(
            f"{_count(len(wanted), 'tile')} {were} missed by measurements: crowdsky catalogue fetch"
        )


def _check(options: argparse.Namespace) -> None:
    from crowdsky.catalogues.check import check_tiles

    folder = _existing_folder(options)
    problems = check_tiles(folder, repair=options.repair)
    for problem in problems:
        _say(problem)
    if problems and not options.repair:
        raise CrowdSkyError(
            f"{_count(len(problems), 'problem')} in {folder.path}",
            hint="--repair removes damaged tiles, so that they can be fetched or added again",
        )
    n_tiles = len(folder.files())
    are = "is as its index says" if n_tiles == 1 else "are as their index says"
    _say(f"{_count(n_tiles, 'tile')} in {folder.path} {are}")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
