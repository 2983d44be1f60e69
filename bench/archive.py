"""How the time of a search grows: from 1,000 to 100,000 stacks, from 10^5 to 10^7 observations.

`./dev bench archive` fills two sites for each database, a small and a large archive, and asks both
in turns, so that a busy machine slows down both. What is asked for is the same in both: fields with
ten stacks each, the stacks of one user, the stars around a place and the light curve of a star with
1,000 epochs. At the end it measures how long the stars of a stack take to become rows, beside how
long the stack takes to be solved and measured (at most a tenth). The clients run on the same
machine. PHP's own server answers; nginx with PHP-FPM is faster.
"""

from __future__ import annotations

import argparse
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import requests

from bench.archive_intake import measure_intake
from bench.archive_stars import CALLS as STAR_CALLS
from bench.archive_stars import filled_with_stars
from bench.growth import HEADING, measure
from bench.processor_time import ProcessorTime
from demo.services import Database, Site
from tests.support.archive_rows import SkyRow, insert, scattered
from tests.support.mariadb import MariaDb
from tests.support.rows import Rows

FIELDS = 20
IN_FIELD = 10
OWNERS = 50
PASSWORD = "correct horse"  # noqa: S105 - of a site that lives for minutes
MOST_GROWTH = 1.5
MOST_SHARE = 0.1
GOAL_MS = 50.0


@dataclass(frozen=True)
class Archive:
    """A site with that many stacks."""

    site: Site
    stacks: int
    key: str
    fields: tuple[tuple[float, float], ...]
    pixels: tuple[int, ...]

    def get(self, call: str, **query: Any) -> int:
        """Make a call of the API; return the number of stacks in its answer."""
        basic = ("ann", PASSWORD) if call.startswith("my_") else None
        headers = {} if basic else {"Authorization": f"Bearer {self.key}"}
        answer = requests.get(
            f"{self.site.api_url}/{call}", params=query, headers=headers, auth=basic, timeout=600
        )
        answer.raise_for_status()
        found = answer.json()
        return len(found["stacks"] if isinstance(found, dict) else found)


Call = Callable[[Archive, int], int]
MakeDatabase = Callable[[], Database | None]


def cone(archive: Archive, number: int) -> int:
    """All stacks around one of the fields."""
    ra, dec = archive.fields[number % FIELDS]
    return archive.get("search.php", ra=ra, dec=dec, radius=0.75)


def frames(archive: Archive, number: int) -> int:
    """All stacks in a pixel."""
    return archive.get("frames_by_healpix.php", healpix=archive.pixels[number % FIELDS])


def my_stacks(archive: Archive, _: int) -> int:
    """All stacks of one user, who has as many in each archive."""
    return archive.get("my_stacks.php")


CALLS: dict[str, Call] = {"cone search": cone, "frames_by_healpix": frames, "my_stacks": my_stacks}


def main(argv: Sequence[str]) -> int:
    """Measure and print; 1 when a call takes more than 1.5 times as long in the large archive."""
    parser = argparse.ArgumentParser(prog="bench archive", description=__doc__)
    parser.add_argument("--small", type=int, default=1000, help="stacks in the small archive")
    parser.add_argument("--large", type=int, default=100_000, help="stacks in the large archive")
    parser.add_argument("--few", type=int, default=100_000, help="observations in the small one")
    parser.add_argument("--many", type=int, default=10_000_000, help="observations in the large")
    parser.add_argument("--only", choices=("stacks", "stars", "intake"), help="a part alone")
    parser.add_argument("--database", choices=("SQLite", "MariaDB"), help="one of them alone")
    parser.add_argument("--calls", type=int, default=200, help="calls of each kind and archive")
    options = parser.parse_args(argv)
    folder = Path(tempfile.mkdtemp(prefix="crowdsky-archive-"))
    growths, share = [0.0], 0.0
    try:
        print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the start", flush=True)
        print(HEADING)
        with ExitStack() as running:
            server = MariaDb(buffer_pool="512M")
            running.callback(server.remove)
            server.start()
            for name, make in (("SQLite", lambda: None), ("MariaDB", server.new_database)):
                if options.database not in (None, name):
                    continue
                if options.only in (None, "stacks"):
                    growths += stack_growths(name, make, folder, options)
                if options.only in (None, "stars"):
                    growths += star_growths(name, make, folder, options, server.session)
                if options.only in (None, "intake"):
                    share = max(share, measure_intake(name, make(), folder / f"{name}-intake"))
    finally:
        shutil.rmtree(folder)
    worst = max(growths)
    print(f"worst growth {worst:.2f} of at most {MOST_GROWTH}; goal for p99: {GOAL_MS:.0f} ms")
    print(f"stars to rows: {share:.3f} of solving and measuring, of at most {MOST_SHARE}")
    return int(worst > MOST_GROWTH or share > MOST_SHARE)


def stack_growths(
    name: str, make: MakeDatabase, folder: Path, options: argparse.Namespace
) -> list[float]:
    """Measure searches of stacks; return how much longer each takes in the large archive."""
    with ExitStack() as running:
        pair = [
            running.enter_context(filled(folder / f"{name}-{stacks}", make(), stacks))
            for stacks in (options.small, options.large)
        ]
        return [measure(name, kind, CALLS[kind], pair, options.calls) for kind in CALLS]


def star_growths(
    name: str, make: MakeDatabase, folder: Path, options: argparse.Namespace, server: int
) -> list[float]:
    """Measure searches of stars and light curves; return how much longer each takes."""
    with ExitStack() as running:
        pair = [
            running.enter_context(filled_with_stars(folder / f"{name}-o{count}", make(), count))
            for count in (options.few, options.many)
        ]
        print(f"load {os.getloadavg()[0]:.1f}", flush=True)
        spent = ProcessorTime([server, *(archive.site.session for archive in pair)])
        return [
            measure(name, kind, call, pair, options.calls, what, spent=spent)
            for kind, (call, what) in STAR_CALLS.items()
        ]


class filled:  # noqa: N801 - a context manager that reads like a function
    """A running site with that many stacks, most of them of others."""

    def __init__(self, folder: Path, database: Database | None, stacks: int) -> None:
        self._site = Site(folder, database)
        self._stacks = stacks

    def __enter__(self) -> Archive:
        site = self._site.__enter__()
        with Rows(site) as rows:
            owners = [rows.add_user(f"u{n}", PASSWORD) for n in range(OWNERS)]
            ann = rows.add_user("ann", PASSWORD)
            rows.execute("UPDATE users SET stacks_public = 1")
            fields = tuple((18.0 * n + 3.3, 80.0 - 8.0 * n) for n in range(FIELDS))
            insert(rows, in_fields(fields, ann))
            known = FIELDS * IN_FIELD
            insert(rows, scattered(known + 1, self._stacks - known, owners))
            key = rows.add_data_key()
            began = time.monotonic()
            first = Archive(site, self._stacks, key, fields, (0,) * FIELDS)
            cone(first, 0)
            print(
                f"# {self._stacks} stacks: columns for searching written in"
                f" {time.monotonic() - began:.1f} s, with the first search",
                flush=True,
            )
            query = "SELECT id, sky_pixel FROM stacked_frames WHERE id <= ? ORDER BY id"
            pixels = [int(row["sky_pixel"]) for row in rows.all(query, known)]
            return replace(first, pixels=tuple(pixels[::IN_FIELD]))

    def __exit__(self, *error: Any) -> None:
        self._site.__exit__(*error)


def in_fields(fields: Sequence[tuple[float, float]], owner: int) -> Iterator[SkyRow]:
    """Ten stacks in each field, at one place."""
    template = next(iter(scattered(1, 1, [owner])))
    for number in range(len(fields) * IN_FIELD):
        ra, dec = fields[number // IN_FIELD]
        begin = f"2025-01-{1 + number % 28:02d}T00:00:00"
        yield replace(template, id=number + 1, ra=ra, dec=dec, begin=begin)
