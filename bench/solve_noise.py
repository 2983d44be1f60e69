"""Star lists that are no stars: how the solvers refuse them, and what that takes."""

from __future__ import annotations

import functools
import os
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace

import numpy as np

from bench.solve_fields import CACHE_DIR, SCALE, places
from crowdsky.solving.astrometry_net import AstrometrySolver
from crowdsky.solving.catalogue import StarCatalogue
from crowdsky.solving.refine import refine
from crowdsky.solving.solver import Parity, PositionHint, Solver, SolveRequest
from crowdsky.solving.triangles import TriangleSolver
from crowdsky.solving.tycho2 import open_tycho2
from tests.support.star_fields import INDEX_DIR, noise

TIME_LIMIT_SECONDS = 120.0
"""More than any solver needs to search all it can: none is saved by the clock."""

LISTS_AT_A_TIME = 4
LISTS_A_ROW = 200


@dataclass(frozen=True, slots=True)
class NoiseAnswer:
    """What a solver made of noise: how long it took, and its plate's chance if it proposed one."""

    cpu_seconds: float
    log_chance: float | None = None
    believed: bool = False


def bench_noise(count: int, rng: np.random.Generator) -> None:
    """Give `count` lists to each solver by itself and print a row, the quickest solver first.

    Some seconds a list; all cores take part, and times are processor times.
    """
    lists = list(noise_lists(count, rng))
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        for row, ask in ROWS.items():
            answers: list[NoiseAnswer] = []
            for answer in pool.map(ask, lists, chunksize=LISTS_AT_A_TIME):
                answers.append(answer)
                if len(answers) % LISTS_A_ROW == 0 or len(answers) == count:
                    print(noise_line(f"noise: {row}", answers), flush=True)


def noise_lists(count: int, rng: np.random.Generator) -> Iterator[SolveRequest]:
    """Lists of random points with hints all over the sky."""
    for ra, dec in places(max(12, count), rng)[:count]:
        yield SolveRequest(noise(rng), PositionHint(ra, dec), SCALE, Parity.POSITIVE)


def astrometry_hinted(request: SolveRequest) -> NoiseAnswer:
    """The library, with everything to believe."""
    return _ask(AstrometrySolver(INDEX_DIR), request)


def astrometry_blind(request: SolveRequest) -> NoiseAnswer:
    """The library, with nothing but the list."""
    return _ask(AstrometrySolver(INDEX_DIR), SolveRequest(request.stars))


def triangles_hinted(request: SolveRequest) -> NoiseAnswer:
    """Our matcher around the hint."""
    return _ask(TriangleSolver(_catalogue()), request)


def triangles_blind(request: SolveRequest) -> NoiseAnswer:
    """Our matcher on the whole sky."""
    return _ask(TriangleSolver(_catalogue()), replace(request, hint=None))


ROWS = {
    "astrometry, a hint": astrometry_hinted,
    "triangles, a hint": triangles_hinted,
    "astrometry, no hint at all": astrometry_blind,
    "triangles, no position": triangles_blind,
}


def noise_line(name: str, answers: list[NoiseAnswer]) -> str:
    """One row of the noise table."""
    proposals = [answer.log_chance for answer in answers if answer.log_chance is not None]
    best = f", best ln P {min(proposals):.1f}" if proposals else ""
    seconds = [answer.cpu_seconds for answer in answers]
    return (
        f"{name:<38}{sum(answer.believed for answer in answers)} believed of {len(answers)} lists,"
        f" {len(proposals)} proposed{best}; CPU to give up {np.median(seconds):.2f} s median,"
        f" {max(seconds):.2f} s at most"
    )


def _ask(solver: Solver, request: SolveRequest) -> NoiseAnswer:
    """What a solver says of noise, weighed as `solve_plate` weighs it."""
    started = time.process_time()
    outcome = solver.solve(request, TIME_LIMIT_SECONDS)
    seconds = time.process_time() - started
    if outcome.wcs is None:
        return NoiseAnswer(seconds)
    refined = refine(outcome.wcs, request.stars, _catalogue())
    return NoiseAnswer(seconds, refined.log_chance, refined.believed)


@functools.cache
def _catalogue() -> StarCatalogue:
    """The catalogue of this process."""
    return open_tycho2(INDEX_DIR, CACHE_DIR)
