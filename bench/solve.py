"""Plate solving: rate, wrong answers and time of our solvers beside `solve-field`, in one run.

::

    python -m bench solve [--fields 240] [--blind 20] [--noise 20] [--peer 10] [--subs DIR]
                          [--seed 1]

Fields are spread over the sky, ten parts uniform, one near the galactic plane, one near its poles.
All solvers get the same star lists. Times are from the star list to the verified, refined solution
(for solve-field, which does not refine, to its answer). Noise takes every list through the whole
sky, five seconds of processor time each; `--fields 0 --noise 800` measures nothing else.
"""

from __future__ import annotations

import argparse
import math
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from bench.solve_fields import CACHE_DIR, Field, make_field, places
from bench.solve_noise import bench_noise
from crowdsky.extract.solve_image import solve_image
from crowdsky.solving.catalogue import StarCatalogue
from crowdsky.solving.chain import TimedSolver, solve_plate
from crowdsky.solving.make_solvers import make_solvers
from crowdsky.solving.solve_field import SolveFieldProgram
from crowdsky.solving.solver import PositionHint, ScaleRange, SolveRequest
from crowdsky.solving.solver_names import DEFAULT_SOLVERS
from crowdsky.solving.tan import TanWcs, separation
from crowdsky.solving.tycho2 import open_tycho2
from tests.support.star_fields import INDEX_DIR, offset, plate, stars_on

WRONG_ARCSEC = 10.0

HEADING = (
    f"{'solver':<38}{'solved':>13}{'wrong':>5}{'median':>9}{'p95':>9}{'max ms':>9}"
    f"{'err asec':>9}{'p95':>7}"
)

Solve = Callable[[SolveRequest], TanWcs | None]

COLD_PROGRAM = """
import time; started = time.perf_counter()
import sys, numpy as np
from pathlib import Path
from crowdsky.solving.tycho2 import open_tycho2
from crowdsky.solving.chain import solve_plate
from crowdsky.solving.make_solvers import make_solvers
from crowdsky.solving.solver import Parity, PositionHint, ScaleRange, SolveRequest, StarList
index, cache, solver, file = sys.argv[1:]
stars = StarList(*np.load(file), 1080, 1920)
catalogue = open_tycho2(Path(index), Path(cache))
request = SolveRequest(stars, PositionHint(193.3, 41.3), ScaleRange.around(2.3927), Parity.POSITIVE)
result = solve_plate(request, make_solvers([solver], Path(index), catalogue), catalogue)
assert result.solution is not None, result.reason
print(time.perf_counter() - started)
"""


@dataclass(slots=True)
class Tally:
    """What a solver made of many fields."""

    solved: int = 0
    wrong: int = 0
    seconds: list[float] = field(default_factory=list)
    errors: list[float] = field(default_factory=list)

    def line(self, name: str) -> str:
        """One row of the table."""
        ms = np.array(self.seconds or [math.nan]) * 1e3
        error = np.array(self.errors or [math.nan])
        return (
            f"{name:<38}{self.solved:>6}/{len(self.seconds):<6}{self.wrong:>5}"
            f"{np.median(ms):>9.1f}{np.percentile(ms, 95):>9.1f}{ms.max():>9.0f}"
            f"{np.median(error):>9.2f}{np.percentile(error, 95):>7.2f}"
        )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark and print its tables."""
    options = _parser().parse_args(arguments)
    catalogue = open_tycho2(INDEX_DIR, CACHE_DIR)
    rng = np.random.default_rng(options.seed)
    if options.fields:
        fields = [make_field(place, catalogue, rng) for place in places(options.fields, rng)]
        bench_solving(fields, options.blind, options.peer, catalogue)
        bench_wrong_hints(fields[: max(20, options.fields // 10)], catalogue, rng)
    bench_noise(options.noise, rng)
    if options.subs:
        bench_subs(options.subs, catalogue)
    return 0


def bench_solving(fields: list[Field], blind: int, peer: int, catalogue: StarCatalogue) -> None:
    """The table of solvers, the peer's ratio and the cold starts."""
    print(HEADING)
    tallies = bench_fields(fields, blind, catalogue)
    if peer:
        ours = np.median(tallies["default, hint 0.5 deg off"].seconds)
        theirs = np.median(bench_peer(fields[:peer]).seconds)
        print(f"solve-field / default chain: {theirs / ours:.0f} times as long")
    print(f"cold process, astrometry: {cold_seconds('astrometry', catalogue):.2f} s")
    print(f"cold process, triangles:  {cold_seconds('triangles', catalogue):.2f} s")


def bench_fields(fields: list[Field], blind: int, catalogue: StarCatalogue) -> dict[str, Tally]:
    """Each of our solvers, and the default chain, with a hint and with none."""
    lineups = {
        "default": DEFAULT_SOLVERS,
        "astrometry": ("astrometry",),
        "triangles": ("triangles",),
    }
    tallies = {}
    for name, solvers in lineups.items():
        solve = _chain(make_solvers(solvers, INDEX_DIR, catalogue), catalogue)
        solve(fields[0].request)  # libraries and kernels are loaded before the clock starts
        title = f"{name}, hint 0.5 deg off"
        tallies[title] = run(title, fields, solve)
        # Our matcher needs seconds for the whole sky: it gets some fields of every kind.
        some = fields if name != "triangles" else fields[:: max(1, len(fields) // max(1, blind))]
        lost = [replace(f, request=replace(f.request, hint=None)) for f in some]
        run(f"{name}, no position", lost, solve)
        if name != "triangles":  # which has to know the scale
            nothing = [replace(f, request=SolveRequest(f.request.stars)) for f in fields]
            run(f"{name}, no hint at all", nothing, solve)
    return tallies


def bench_peer(fields: list[Field]) -> Tally:
    """solve-field with the same lists and hints."""
    program = SolveFieldProgram(INDEX_DIR)

    def solve(request: SolveRequest) -> TanWcs | None:
        return program.solve(request, 60.0).wcs

    return run("solve-field, hint 0.5 deg off", fields, solve, tolerance=30.0)


def run(name: str, fields: list[Field], solve: Solve, tolerance: float = WRONG_ARCSEC) -> Tally:
    """Solve all fields one after the other and print the row."""
    tally = Tally()
    for item in fields:
        started = time.perf_counter()
        wcs = solve(item.request)
        tally.seconds.append(time.perf_counter() - started)
        if wcs is None:
            continue
        middle = (item.truth.x0, item.truth.y0)
        error = float(separation(*wcs.sky(*middle), *item.truth.sky(*middle))) * 3600
        if error > tolerance:
            tally.wrong += 1
        else:
            tally.solved += 1
            tally.errors.append(error)
    print(tally.line(name), flush=True)
    return tally


def cold_seconds(solver: str, catalogue: StarCatalogue) -> float:
    """Median of three fresh processes: from the first import to the verified solution."""
    rng = np.random.default_rng(0)
    stars = stars_on(plate(193.0, 41.0, 20.0), catalogue, rng)
    file = CACHE_DIR / f"bench-{os.getpid()}.npy"
    np.save(file, np.array([stars.x, stars.y, stars.flux]))
    command = [
        sys.executable,
        "-c",
        COLD_PROGRAM,
        str(INDEX_DIR),
        str(CACHE_DIR),
        solver,
        str(file),
    ]
    try:
        said = [subprocess.run(command, capture_output=True, check=True).stdout for _ in range(3)]
    finally:
        file.unlink()
    return float(np.median([float(text) for text in said]))


def bench_wrong_hints(
    fields: list[Field], catalogue: StarCatalogue, rng: np.random.Generator
) -> None:
    """Hints ten degrees off, RA in hours, and the scale of another telescope."""
    solve = _chain(make_solvers(DEFAULT_SOLVERS, INDEX_DIR, catalogue), catalogue)
    wrong = {
        "hint 10 deg off": lambda f: replace(
            f.request, hint=PositionHint(*offset(f.truth.ra0, f.truth.dec0, 10.0, rng))
        ),
        "RA in hours": lambda f: replace(
            f.request, hint=PositionHint(f.truth.ra0 / 15.0, f.truth.dec0)
        ),
        "scale of an S30 Pro": lambda f: replace(f.request, scale=ScaleRange.around(3.739)),
    }
    for name, make in wrong.items():
        run(f"default, {name}", [replace(f, request=make(f)) for f in fields], solve)


def bench_subs(folder: Path, catalogue: StarCatalogue) -> None:
    """Real frames of any night in the folder, each by itself, detection included."""
    solvers = make_solvers(DEFAULT_SOLVERS, INDEX_DIR, catalogue)
    solved, seconds, rms = 0, [], []
    paths = sorted(folder.glob("**/*.fit*"))
    for path in paths:
        started = time.perf_counter()
        answer = solve_image(path, solvers, catalogue)
        seconds.append(time.perf_counter() - started)
        if answer.solution is not None:
            solved += 1
            rms.append(answer.solution.rms_arcsec)
    scatter = f"RMS {np.median(rms):.2f} arcsec (median), {max(rms):.2f} (worst)" if rms else ""
    took = f"reading, detection and solving {np.median(seconds):.2f} s" if seconds else ""
    print("; ".join(filter(None, (f"real subs: {solved} of {len(paths)} solved", scatter, took))))


def _chain(solvers: list[TimedSolver], catalogue: StarCatalogue) -> Solve:
    def solve(request: SolveRequest) -> TanWcs | None:
        solution = solve_plate(request, solvers, catalogue).solution
        return None if solution is None else solution.wcs

    return solve


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="bench solve", description=__doc__.splitlines()[0])
    parser.add_argument("--fields", type=int, default=240)
    parser.add_argument("--blind", type=int, default=20, help="fields without position for ours")
    parser.add_argument("--noise", type=int, default=20, help="star lists that are no stars")
    parser.add_argument("--peer", type=int, default=10, help="fields that solve-field gets")
    parser.add_argument("--subs", type=Path, help="a folder with real frames")
    parser.add_argument("--seed", type=int, default=1)
    return parser


if __name__ == "__main__":
    sys.exit(main())
