"""astrometry.net in this process (PyPI `astrometry`): hashed star patterns, fast without any hint.

The algorithm is that of Lang et al. (2010, AJ 139, 1782). The settings were measured
(docs/solving.md): fifty stars in one batch, because the default batches of 25 silently drop the end
of a list; code tolerance 0.005, half the default, which is twice as fast; no SIP and no tune-up,
which take half a second and make the answer worse. A known scale saves two thirds of the time. A
known position saves none, but a wrong one costs ten seconds, because the library then finds and
rejects the right position again and again; so it is not passed on. The library has no time limit;
the number of star patterns tried takes its place.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crowdsky.solving.solver import (
    Parity,
    ScaleRange,
    SolveOutcome,
    SolveRequest,
    StarList,
)
from crowdsky.solving.tan import TanWcs

if TYPE_CHECKING:
    import astrometry

NAME = "astrometry"

QUADS_PER_SECOND = 60_000.0
"""Number of star patterns tried per second; measured, 55 to 65 thousand with the two Tycho-2
indexes."""

MIN_STARS = 4


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one call: number of stars, threshold and tolerances."""

    stars: int
    log_odds: float
    code_tolerance: float
    noise_px: float


FIRST = Settings(stars=50, log_odds=18.0, code_tolerance=0.005, noise_px=1.0)
SECOND = Settings(stars=70, log_odds=14.0, code_tolerance=0.01, noise_px=0.7)
"""Settings for fields with few catalogue stars; they solve half of what the first leave. The weaker
threshold is safe because every plate is verified against the catalogue afterwards. Without a known
scale it would take twenty seconds to give up, so it is left out."""


@dataclass(slots=True)
class AstrometrySolver:
    """Solves with the index files of a folder, which are mapped once and shared by all solves."""

    index_dir: Path
    clock: Callable[[], float] = time.monotonic
    name: str = NAME
    uses_position: bool = False
    _engine: Any = None
    _opening: threading.Lock = field(default_factory=threading.Lock)

    def solve(self, request: SolveRequest, time_limit: float) -> SolveOutcome:
        """Propose a plate; scale and parity may be unknown, and the position is not used."""
        if len(request.stars) < MIN_STARS:
            return SolveOutcome(NAME, reason=f"only {len(request.stars)} stars")
        deadline = self.clock() + time_limit
        try:
            engine = self._opened()
        except (ImportError, OSError, RuntimeError) as error:
            return SolveOutcome(NAME, reason=f"cannot be used: {error}")
        for settings in (FIRST, SECOND) if request.scale is not None else (FIRST,):
            left = deadline - self.clock()
            if left <= 0.0:
                return SolveOutcome(NAME, reason=f"time over after {time_limit:.0f} s")
            wcs = _ask(engine, request, settings, left)
            if wcs is not None:
                return SolveOutcome(NAME, wcs)
        return SolveOutcome(NAME, reason="no pattern of these stars is in the index files")

    def _opened(self) -> astrometry.Solver:
        """Open the index files on first use: importing and mapping them takes 0.2 s."""
        with self._opening:
            if self._engine is None:
                import astrometry

                paths = sorted(self.index_dir.glob("index-*.fits"))
                if not paths:
                    raise FileNotFoundError(f"no index files (index-*.fits) in {self.index_dir}")
                self._engine = astrometry.Solver(paths)
            return self._engine


def _ask(
    engine: astrometry.Solver, request: SolveRequest, settings: Settings, seconds: float
) -> TanWcs | None:
    import astrometry

    stars = request.stars.brightest(settings.stars)
    parity = {
        Parity.POSITIVE: astrometry.Parity.FLIP,
        Parity.NEGATIVE: astrometry.Parity.NORMAL,
        Parity.EITHER: astrometry.Parity.BOTH,
    }[request.parity]
    answer = engine.solve(
        stars=_pairs(stars),
        size_hint=_size_hint(request.scale),
        position_hint=None,
        solution_parameters=astrometry.SolutionParameters(
            sip_order=0,
            tune_up_logodds_threshold=None,
            positional_noise_pixels=settings.noise_px,
            code_tolerance_l2_distance=settings.code_tolerance,
            output_logodds_threshold=settings.log_odds,
            maximum_quads=max(1, int(seconds * QUADS_PER_SECOND)),
            parity=parity,
            slices_generator=lambda count: ((0, count),),
            logodds_callback=lambda _: astrometry.Action.STOP,
        ),
    )
    if not answer.has_match():
        return None
    cards = {key: value for key, (value, _) in answer.best_match().wcs_fields.items()}
    plate = TanWcs.from_header(cards)
    # The library counts pixels from 0, like its input; from_header has subtracted 1.
    return TanWcs(plate.ra0, plate.dec0, plate.x0 + 1.0, plate.y0 + 1.0, plate.cd)


def _pairs(stars: StarList) -> list[tuple[float, float]]:
    return list(zip(stars.x.tolist(), stars.y.tolist(), strict=True))


def _size_hint(scale: ScaleRange | None) -> astrometry.SizeHint | None:
    import astrometry

    return None if scale is None else astrometry.SizeHint(scale.low, scale.high)
