"""How long the stars of a stack take to become rows, beside how long it is solved and measured."""

from __future__ import annotations

import hashlib
import shutil
import time
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import numpy as np
from astropy.io import fits

from bench.solve_fields import CACHE_DIR
from crowdsky.photometry.measurement import measure_stack, write_measurement
from crowdsky.solving.make_solvers import make_solvers
from crowdsky.solving.solver_names import DEFAULT_SOLVERS
from crowdsky.solving.tycho2 import open_tycho2
from demo.services import Database, Site
from tests.support.archive_rows import insert, scattered
from tests.support.rows import Rows
from tests.support.star_fields import INDEX_DIR, plate
from tests.support.synthetic_stack import Light, write_stack

PLACE = (315.4, 68.2)
ZERO_POINT = 23.2
FAINT = 400
"""Stars of the picture beside those of Tycho-2."""
STACKS = 20
ROUNDS = 5
"""Both are done in turns, so that a busy machine slows down both."""


@lru_cache(maxsize=1)
def measured_stack(folder: Path) -> tuple[Path, int, Callable[[], None]]:
    """Make a stack and measure it; return the file, its stars and what measures it again."""
    rng = np.random.default_rng(3)
    wcs, tycho = plate(*PLACE, 40.0), open_tycho2(INDEX_DIR, CACHE_DIR)
    near = tycho.cone(wcs.ra0, wcs.dec0, 0.75)
    x, y = wcs.pixel(near.ra, near.dec)
    inside = (x > 0) & (x < 1069) & (y > 0) & (y < 1919)
    mags = np.r_[near.mag[inside], 16.0 - rng.exponential(0.9, FAINT).clip(0, 4.0)]
    places = (
        np.r_[x[inside], rng.uniform(0, 1069, FAINT)],
        np.r_[y[inside], rng.uniform(0, 1919, FAINT)],
    )
    path = folder / "measured.fits"
    write_stack(path, Light(*places, 10 ** (0.4 * (ZERO_POINT - mags))), wcs, rng)
    solvers = make_solvers(DEFAULT_SOLVERS, INDEX_DIR, tycho)
    measured = measure_stack(path, solvers, tycho)
    assert measured.solution is not None, "the synthetic stack was not solved"
    write_measurement(path, measured)

    def measure_again() -> None:
        measure_stack(path, solvers, tycho)

    return path, len(measured.stars), measure_again


def measure_intake(name: str, database: Database | None, folder: Path) -> float:
    """Read the stars of stacks; print a line and return the share of solving and measuring."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    file, stars, measure_again = measured_stack(folder.parent)
    with Site(folder, database) as site, Rows(site) as rows:
        insert(rows, scattered(1, STACKS, [rows.add_user("ann", "correct horse")]))
        for stack in rows.all("SELECT id, ucloud_path FROM stacked_frames"):
            path = site.data_dir / "stacks" / stack["ucloud_path"].lstrip("/")
            path.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, path)
            with fits.open(path, mode="update") as hdus:
                hdus[0].header["MJD-AVG"] = 60000.0 + stack["id"]
            rows.execute(
                "UPDATE stacked_frames SET file_size_bytes = ?, sha256 = ?, is_smoothed = 0"
                " WHERE id = ?",
                path.stat().st_size, hashlib.sha256(path.read_bytes()).hexdigest(), stack["id"],
            )  # fmt: skip
        measuring = reading = 0.0
        for _ in range(ROUNDS):
            began = time.perf_counter()
            measure_again()
            measuring += (time.perf_counter() - began) / ROUNDS
            began = time.perf_counter()
            site.run_php("stars.php", "read", "--limit", str(STACKS // ROUNDS))
            reading += (time.perf_counter() - began) / STACKS
        seen = rows.one("SELECT COUNT(*) AS n FROM star_observations")["n"]
    print(
        f"# {name}: {stars} stars of a stack become rows in {1000 * reading:.0f} ms, solving and"
        f" measuring take {1000 * measuring:.0f} ms ({seen} observations of {STACKS} stacks)",
        flush=True,
    )
    return reading / measuring
