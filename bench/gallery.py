"""How the time of the gallery grows from 1,000 to 20,000 stacks, and how large its map is.

`./dev bench gallery` fills two sites for each database, a small and a large archive, and asks both
in turns: for the first page and one far down, with every filter, for the stacks that match, for the
map, and for the stacks of one owner of half of the archive. What is asked for is as common in both
archives, or the same ten stacks in both. Nothing may take more than 1.5 times as long in the large
archive, nor may its map have more than 200 kB. The first map after a change is measured as well.
"""

from __future__ import annotations

import argparse
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import requests

from bench.growth import HEADING, measure
from demo.services import Database, Site
from tests.contract.site.support import Browser
from tests.support.archive_rows import CREATED, insert, scattered
from tests.support.mariadb import MariaDb
from tests.support.rows import Rows

OWNERS = 50
OBJECTS = 20
OF_EACH = 10
PASSWORD = "correct horse"  # noqa: S105 - of a site that lives for minutes
MOST_GROWTH = 1.5
SHORT = 4
"""Times as many calls of those that take a few milliseconds."""
QUICK = 0.1
"""Quantile of their times: that of the site itself, without the wait for a processor."""
MOST_MAP_BYTES = 200_000
RARE = "S30_00c0ffee"
PHOTOMETRY = '{"numbers": {"fwhm_arcsec_g": 3.5}, "catalogue": null}'


@dataclass(frozen=True)
class Archive:
    """A site with that many stacks, and browsers of a visitor and of an owner."""

    site: Site
    visitor: requests.Session
    owner: requests.Session
    rows: Rows
    middle: str

    def page(self, query: str) -> int:
        """Show a page of the gallery; return the number of stacks on it."""
        browser = self.owner if "of=mine" in query else self.visitor
        answer = browser.get(f"{self.site.base_url}/stacks.php?{query}", timeout=600)
        answer.raise_for_status()
        return answer.text.count("data-id=")

    def front(self) -> int:
        """Show the front page; return the number of figures on it."""
        answer = self.visitor.get(f"{self.site.base_url}/index.php", timeout=600)
        answer.raise_for_status()
        return answer.text.count("<dd>")

    def ids(self, query: str) -> int:
        """Ask which stacks match; return the number of bytes."""
        answer = self.visitor.get(f"{self.site.base_url}/stacks_ids.php?{query}", timeout=600)
        answer.raise_for_status()
        return len(answer.content)

    def map(self, scope: str) -> int:
        """Get the map; return the number of bytes."""
        browser = self.owner if scope == "mine" else self.visitor
        address = f"{self.site.base_url}/stacks_map.php?of={scope}"
        answer = browser.get(address, timeout=600)
        answer.raise_for_status()
        return len(answer.content)


Call = Callable[[Archive, int], int]


def page(query: str) -> Call:
    """A call that shows a page."""
    return lambda archive, number: archive.page(
        query.format(number=1 + number % OBJECTS, middle=archive.middle)
    )


def ids(query: str) -> Call:
    """A call for all stacks that match."""
    return lambda archive, number: archive.ids(query.format(number=1 + number % OBJECTS))


PAGES: dict[str, Call] = {
    "front page": lambda archive, _: archive.front(),
    "first page": page(""),
    "page in the middle": page("after={middle}"),
    "table": page("view=table"),
    "object": page("object=M+{number}"),
    "common telescope": page("telescope=S50_8a95aa90"),
    "rare telescope": page(f"telescope={RARE}"),
    "filter": page("filter=LP"),
    "dates": page("from=2024-09-01&to=2024-09-30"),
    "exposure": page("minutes=10"),
    "rare exposure": page("minutes=60"),
    "seeing": page("seeing=4"),
    "solved": page("solved=1"),
    "longest first": page("order=longest"),
    "sharpest first": page("order=sharpest"),
    "three filters": page("filter=LP&minutes=5&solved=1"),
    "own stacks": page("of=mine"),
    "own, by filter": page("of=mine&filter=IRCUT"),
}
MATCHES: dict[str, Call] = {
    "which: object": ids("object=M+{number}"),
    "which: telescope": ids("telescope=S50_8a95aa90"),
    "which: exposure": ids("minutes=10"),
    "which: solved": ids("solved=1"),
}
MAPS: dict[str, Call] = {
    "map": lambda archive, _: archive.map("public"),
    "map of own": lambda archive, _: archive.map("mine"),
}


def main(argv: Sequence[str]) -> int:
    """Measure and print; 1 when something grows too much or the map is too large."""
    parser = argparse.ArgumentParser(prog="bench gallery", description=__doc__)
    parser.add_argument("--small", type=int, default=1000, help="stacks in the small archive")
    parser.add_argument("--large", type=int, default=20_000, help="stacks in the large archive")
    parser.add_argument("--database", choices=("SQLite", "MariaDB"), help="one of them alone")
    parser.add_argument("--calls", type=int, default=60, help="calls of each kind and archive")
    options = parser.parse_args(argv)
    folder = Path(tempfile.mkdtemp(prefix="crowdsky-gallery-"))
    growths: list[float] = []
    sizes: list[int] = []
    try:
        print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the start", flush=True)
        print(HEADING)
        with ExitStack() as running:
            server = MariaDb()
            running.callback(server.remove)
            server.start()
            for name, make in (("SQLite", lambda: None), ("MariaDB", server.new_database)):
                if options.database in (None, name):
                    pair = [
                        running.enter_context(filled(folder / f"{name}-{stacks}", make(), stacks))
                        for stacks in (options.small, options.large)
                    ]
                    growths += grown(name, pair, options.calls)
                    sizes.append(pair[1].map("public"))
    finally:
        shutil.rmtree(folder)
    print(f"map of {options.large} stacks: {max(sizes)} bytes of at most {MOST_MAP_BYTES}")
    print(f"worst growth {max(growths):.2f} of at most {MOST_GROWTH}")
    return int(max(growths) > MOST_GROWTH or max(sizes) > MOST_MAP_BYTES)


def grown(name: str, pair: Sequence[Archive], calls: int) -> list[float]:
    """Measure all calls; return how much longer each takes in the large archive."""
    growths = [measure(name, kind, call, pair, calls) for kind, call in PAGES.items()]
    for kind, call in {**MATCHES, **MAPS}.items():
        growths.append(measure(name, kind, call, pair, SHORT * calls, "bytes", QUICK))
    first, changed = zip(*(after_a_change(archive) for archive in pair), strict=True)
    for kind, times in (("first map of all", first), ("map after a change", changed)):
        small, large = times
        print(
            f"| {name} | {kind} | {small:.1f} ms | {large:.1f} ms | – | – | {large / small:.2f} |"
        )
    growths.append(changed[1] / changed[0])
    return growths


def after_a_change(archive: Archive) -> tuple[float, float]:
    """Milliseconds of a map with nothing kept, and the time when one stack has changed."""
    shutil.rmtree(archive.site.data_dir / "gallery")
    (archive.site.data_dir / "gallery").mkdir()
    whole = timed(archive)
    times = []
    for number in range(40):
        archive.rows.execute("UPDATE stacked_frames SET visibility = 'public' WHERE id = ?", number)
        archive.rows.execute("DELETE FROM stack_changes WHERE part = 0")
        archive.rows.insert("stack_changes", part=0, changes=number + 1)
        times.append(timed(archive))
    return whole, float(np.quantile(times, QUICK))


def timed(archive: Archive) -> float:
    """Milliseconds of a map."""
    began = time.perf_counter()
    archive.map("public")
    return 1000.0 * (time.perf_counter() - began)


class filled:  # noqa: N801 - a context manager that reads like a function
    """A running site with that many public stacks, half of them of one owner."""

    def __init__(self, folder: Path, database: Database | None, stacks: int) -> None:
        self._site = Site(folder, database)
        self._stacks = stacks

    def __enter__(self) -> Archive:
        site = self._site.__enter__()
        self._rows = rows = Rows(site)
        owners = [rows.add_user(f"u{n}", PASSWORD) for n in range(OWNERS)]
        ann = rows.add_user("ann", PASSWORD)
        rows.execute("UPDATE users SET stacks_public = 1")
        stacks = list(scattered(1, self._stacks, [ann, *owners[:1]]))
        known = OBJECTS * OF_EACH
        insert(
            rows,
            (
                replace(
                    stack, owner=stack.owner if stack.owner == ann else owners[stack.id % OWNERS]
                )
                for stack in stacks
            ),
        )
        rows.execute(
            "INSERT INTO stack_solutions (stack_id, job_id, solved, photometry, created_at)"
            " SELECT id, job_id, CASE WHEN id % 10 > 0 THEN 1 ELSE 0 END, ?, ? FROM stacked_frames",
            PHOTOMETRY,
            CREATED,
        )
        for number in range(OBJECTS):
            which = range(1 + number * OF_EACH, 1 + (number + 1) * OF_EACH)
            rows.execute(
                "UPDATE stacked_frames SET object_name = ? WHERE id BETWEEN ? AND ?",
                f"M {number + 1}", which[0], which[-1],
            )  # fmt: skip
        rows.execute("UPDATE stacked_frames SET telescope = ? WHERE id % ? = 3", RARE, known)
        rows.execute(
            "UPDATE stacked_frames SET telescope = NULL WHERE id > ? AND telescope = ?",
            known * 5,
            RARE,
        )
        rows.execute("UPDATE stacked_frames SET total_exptime = 7200 WHERE id <= ?", OF_EACH)
        owner = Browser(site)
        owner.log_in("ann", PASSWORD)
        archive = Archive(site, requests.Session(), owner.http, rows, "")
        archive.page("")
        middle = rows.one(
            "SELECT date_obs_start AS begin, id FROM stacked_frames"
            " ORDER BY date_obs_start LIMIT 1 OFFSET ?",
            self._stacks // 2,
        )
        return replace(archive, middle=f"{middle['begin']}~{middle['id']}")

    def __exit__(self, *error: Any) -> None:
        self._rows.close()
        self._site.__exit__(*error)
