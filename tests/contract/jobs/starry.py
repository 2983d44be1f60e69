"""Stacks with a star table, as workers write them, and the epochs that the site makes of them."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from astropy.io import fits

from crowdsky.solving.tan import TanWcs
from crowdsky.sources.star_columns import star_table_hdu
from tests.contract.jobs.measured import companions, measurement, solution
from tests.contract.jobs.support import Queue, Worker, stack_file
from tests.support.rows import Rows

WIDTH, HEIGHT = 1080, 1920
SCALE_DEG = 2.37 / 3600.0
PLATE = TanWcs(ra0=192.75, dec0=41.05, x0=539.5, y0=959.5, cd=(-SCALE_DEG, 0.0, 0.0, SCALE_DEG))
MJD = 60761.0
FLOATS = (
    "ra", "dec", "xwin", "ywin", "flux_r", "flux_err_r", "flux_g", "flux_err_g", "flux_b",
    "flux_err_b", "fwhm", "cat_mag", "pmra", "pmdec",
)  # fmt: skip
TYPES = [
    *((name, "f8") for name in FLOATS),
    *((name, "?") for name in ("saturated", "blended", "edge")),
    ("flag", "i2"), ("gaia_id", "i8"),
]  # fmt: skip


@dataclass(frozen=True)
class Star:
    """A star at a pixel; `flux` in green, ADU."""

    x: float
    y: float
    flux: float = 1000.0
    gaia_id: int = 0
    cat_mag: float = float("nan")
    flag: int = 0
    blended: bool = False


def stars_of(count: int, seed: int = 1) -> list[Star]:
    """Scatter stars over the picture, far from each other and from the edges."""
    rng = np.random.default_rng(seed)
    places = [(x, y) for x in range(100, WIDTH - 100, 40) for y in range(100, HEIGHT - 100, 40)]
    chosen = rng.choice(len(places), count, replace=False)
    return [Star(*map(float, places[row]), flux=1000.0 + row) for row in chosen]


def starry_stack(
    stars: Sequence[Star], mjd: float = MJD, *, names: Sequence[str] = ("RED", "GREEN", "BLUE"),
    cards: Sequence[tuple[str, Any]] = (), without: Sequence[str] = (),
) -> bytes:  # fmt: skip
    """Return a measured stack with these stars, with further cards and without some."""
    table = np.zeros(len(stars), dtype=TYPES)
    for row, star in enumerate(stars):
        ra, dec = PLATE.sky(np.array([star.x]), np.array([star.y]))
        table[row]["ra"], table[row]["dec"] = ra[0], dec[0]
        table[row]["xwin"], table[row]["ywin"] = star.x, star.y
        for colour, share in (("r", 0.9), ("g", 1.0), ("b", 1.1)):
            table[row][f"flux_{colour}"] = share * star.flux
            table[row][f"flux_err_{colour}"] = share * 3.0
        table[row]["fwhm"] = 2.5
        table[row]["cat_mag"] = star.cat_mag
        table[row]["pmra"] = table[row]["pmdec"] = np.nan
        table[row]["gaia_id"], table[row]["flag"] = star.gaia_id, star.flag
        table[row]["blended"] = star.blended
    with fits.open(io.BytesIO(stack_file(names=tuple(names)))) as hdus:
        header = hdus[0].header
        facts = [
            ("PLTSOLVD", True), ("RA", 192.75), ("DEC", 41.05), ("PIXSCALE", 2.37), ("PLTRMS", 0.6),
            ("MJD-AVG", mjd), ("BJD_TDB", mjd + 2400000.503), ("AIRMASS", 1.25), ("ZPG", 20.5),
            ("ZPERRG", 0.01), ("ZPCAT", "VT Tycho-2"), ("LIMMAGG", 16.0), ("APRADG", 4.0),
            ("SMOOTHED", False),
        ]  # fmt: skip
        for key, value in (*facts, *cards):
            header[key] = value
        for key in without:
            del header[key]
        hdus.append(star_table_hdu(table))
        buffer = io.BytesIO()
        hdus.writeto(buffer)
    return buffer.getvalue()


def complete_with(
    worker: Worker, queue: Queue, body: bytes, *, job: int | None = None, **changes: Any
) -> int:
    """Complete a job with this stack; return the stack's id."""
    job = queue.add_job(priority=9) if job is None else job
    lease = worker.claim()
    assert lease["job_id"] == job
    measured = {**measurement(solution=solution()), **changes}
    fields = {**worker.archive(lease, body), **companions(worker, lease), **measured}
    answer = worker.report("complete_job", lease, **fields)
    assert answer.status_code == 200, answer.text
    stack_id: int = answer.json()["stack_id"]
    return stack_id


def epochs(rows: Rows, stack_id: int) -> list[dict[str, Any]]:
    """Return the epochs of a stack in the order in which they were written."""
    return rows.all("SELECT * FROM epochs WHERE stack_id = ? ORDER BY id", stack_id)
