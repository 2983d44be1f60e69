"""Solves a plate with several solvers in order; the first whose plate passes verification wins.

First every hint of the caller is believed; then position, pixel scale and parity are dropped. So a
wrong hint costs the time of a round, and never the answer. Every proposal goes through the same
refinement and the same test against the local catalogue, whichever solver made it.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from crowdsky.base.attempts import describe
from crowdsky.solving.catalogue import Catalogue, CatalogueStars
from crowdsky.solving.refine import AFFINE_MIN_STARS, Refined, fit_plate, refine
from crowdsky.solving.solution import Solution, judge
from crowdsky.solving.solver import Parity, SolveOutcome, Solver, SolveRequest, StarList

log = logging.getLogger(__name__)

DEFAULT_TIME_LIMIT = 10.0
DEFAULT_TOTAL_LIMIT = 60.0
MIN_STARS = 4
NO_SKY_HINT = "; clouds, a closed lid, daylight?"


@dataclass(frozen=True, slots=True)
class TimedSolver:
    """A solver, and the seconds that it may take for one request."""

    solver: Solver
    time_limit: float = DEFAULT_TIME_LIMIT


@dataclass(frozen=True, slots=True)
class PlateResult:
    """The result of solving: a solution, or the reason of every solver why there is none.

    solution  -- None if not solved
    refined   -- the evidence behind it; None without a catalogue to verify it with
    attempts  -- the outcome of every attempt, in order
    n_stars   -- number of stars in the list
    """

    solution: Solution | None
    refined: Refined | None
    attempts: tuple[SolveOutcome, ...]
    n_stars: int

    @property
    def passing(self) -> bool:
        """Whether trying again later may give a solution, because a service could not be asked."""
        return self.solution is None and any(attempt.passing for attempt in self.attempts)

    @property
    def reason(self) -> str:
        """Why there is no solution, for people to read; empty if there is one."""
        if self.solution is not None:
            return ""
        if self.n_stars < MIN_STARS:
            found = f"only {self.n_stars} stars" if self.n_stars else "no stars"
            return f"not solved: {found} in the picture, {MIN_STARS} are needed{NO_SKY_HINT}"
        reasons = dict.fromkeys(f"{a.solver}: {a.reason}" for a in self.attempts if a.reason)
        why = "; ".join(reasons) or "no solver is configured"
        return f"not solved with the {self.n_stars} stars found: {why}"


def solve_plate(
    request: SolveRequest,
    solvers: Sequence[TimedSolver],
    catalogue: Catalogue | None,
    *,
    year: float | None = None,
    total_limit: float = DEFAULT_TOTAL_LIMIT,
    clock: Callable[[], float] = time.monotonic,
) -> PlateResult:
    """Find, refine and verify the plate of a list of stars.

    Never raises for a picture that cannot be solved.

    Args:
        request: the stars, and the hints of the caller.
        solvers: in the order in which they are asked.
        catalogue: verifies proposals; without one the first proposal is taken and marked
            unverified.
        year: epoch of the observation, for proper motions.
        total_limit: seconds for all solvers together.
        clock: seconds that only grow.
    """
    started = clock()
    attempts: list[SolveOutcome] = []
    if len(request.stars) < MIN_STARS:
        return PlateResult(None, None, (), len(request.stars))
    for attempt, timed in _rounds(request, solvers):
        left = total_limit - (clock() - started)
        if left <= 0.0:
            attempts.append(SolveOutcome("chain", reason=f"time over after {total_limit:.0f} s"))
            break
        outcome, refined = _ask(timed, attempt, left, catalogue, year)
        if outcome.wcs is None:
            attempts.append(outcome)
            continue
        if refined is not None and not refined.believed:
            attempts.append(replace(outcome, wcs=None, reason=refined.doubt))
            continue
        attempts.append(outcome)
        solution = _solution(outcome, refined, request, catalogue, clock() - started)
        return PlateResult(solution, refined, tuple(attempts), len(request.stars))
    return PlateResult(None, None, tuple(attempts), len(request.stars))


def refit(plate: PlateResult, stars: StarList, near: CatalogueStars, name: str) -> PlateResult:
    """Fit a plate to a better catalogue, if that makes it better; else return it as it is.

    Args:
        plate: a result of `solve_plate`; it may be unverified.
        stars: the stars of the picture.
        near: those of the catalogue at the epoch of the picture, brightest first.
        name: of the catalogue.
    """
    solution = plate.solution
    if solution is None:
        return plate
    x, y = solution.wcs.pixel(near.ra, near.dec)
    inside = (x >= 0) & (x <= stars.width - 1) & (y >= 0) & (y <= stars.height - 1)
    # Fainter ones than the picture shows would only meet noise.
    near = near.take(np.flatnonzero(inside)[: len(stars)])
    refined = fit_plate(solution.wcs, stars, near)
    if not refined.believed or not _error(refined, stars) < _error(plate.refined, stars):
        return plate
    better = replace(
        solution,
        wcs=refined.wcs,
        n_matched=len(refined.detections),
        n_catalogue=refined.n_in_picture,
        rms_arcsec=refined.rms_arcsec,
        log_chance=refined.log_chance,
        catalogue=name,
        verdict=judge(refined),
    )
    return replace(plate, solution=better, refined=refined)


def _error(refined: Refined | None, stars: StarList) -> float:
    """Estimate the error of a plate in the worst corner of the picture, arcsec.

    A catalogue that covers only a part of the field leaves the corners far from its stars. The
    error is infinite if too few stars are behind the plate to say.
    """
    if refined is None or len(refined.detections) < AFFINE_MIN_STARS:
        return math.inf
    rows = refined.detections
    x, y = stars.x[rows] / stars.width - 0.5, stars.y[rows] / stars.height - 0.5
    design = np.stack([np.ones_like(x), x, y], axis=1)
    corners = np.array([[1.0, across, up] for across in (-0.5, 0.5) for up in (-0.5, 0.5)])
    try:
        inverse = np.linalg.inv(design.T @ design)
    except np.linalg.LinAlgError:  # all on one line
        return math.inf
    leverage = float(np.max(np.sum(corners @ inverse * corners, axis=1)))
    return refined.rms_arcsec * math.sqrt(max(0.0, leverage))


def _ask(
    timed: TimedSolver,
    request: SolveRequest,
    seconds: float,
    catalogue: Catalogue | None,
    year: float | None,
) -> tuple[SolveOutcome, Refined | None]:
    """Ask a solver and refine its proposal; a solver that fails proposes nothing.

    Every exception is caught: solvers are libraries and programs, and one that breaks on a list of
    stars must not keep the next one from being asked.
    """
    name = timed.solver.name
    try:
        outcome = timed.solver.solve(request, min(timed.time_limit, seconds))
        refined = None
        if outcome.wcs is not None and catalogue is not None:
            refined = refine(outcome.wcs, request.stars, catalogue, year)
    except Exception as error:
        log.warning("the solver %s failed", name, exc_info=error)
        return SolveOutcome(name, reason=f"it failed: {describe(error)}"), None
    return outcome, refined


def _rounds(
    request: SolveRequest, solvers: Sequence[TimedSolver]
) -> Iterator[tuple[SolveRequest, TimedSolver]]:
    """Yield each solver with each weaker set of hints that makes a difference to it.

    Solvers that use a position have to search the whole sky without one, so they then go last. The
    others drop all hints at once, which costs them a second at most.
    """
    quick = [timed for timed in solvers if not timed.solver.uses_position]
    slow = [timed for timed in solvers if timed.solver.uses_position]
    lost = replace(request, hint=None)
    nothing = replace(lost, scale=None, parity=Parity.EITHER)
    believed_more = (request.scale, request.parity) != (None, Parity.EITHER)
    for timed in solvers if request.hint else [*quick, *slow]:
        yield request, timed
        if believed_more and not timed.solver.uses_position:
            yield nothing, timed
    if request.hint is not None:
        yield from ((lost, timed) for timed in slow)
    if believed_more:
        yield from ((nothing, timed) for timed in slow)


def _solution(
    outcome: SolveOutcome,
    refined: Refined | None,
    request: SolveRequest,
    catalogue: Catalogue | None,
    seconds: float,
) -> Solution:
    stars = request.stars
    if refined is None or catalogue is None:
        assert outcome.wcs is not None  # noqa: S101 - solve_plate passes proposals only
        middle = outcome.wcs.moved_to((stars.width - 1) / 2.0, (stars.height - 1) / 2.0)
        return Solution(
            middle, stars.width, stars.height, outcome.solver, seconds,
            n_matched=0, n_catalogue=0, rms_arcsec=math.nan, log_chance=0.0,
            catalogue="", verdict="unverified",
        )  # fmt: skip
    return Solution(
        refined.wcs, stars.width, stars.height, outcome.solver, seconds,
        n_matched=len(refined.detections), n_catalogue=refined.n_in_picture,
        rms_arcsec=refined.rms_arcsec, log_chance=refined.log_chance,
        catalogue=catalogue.name, verdict=judge(refined),
    )  # fmt: skip
