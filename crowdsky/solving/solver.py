"""The port that every plate solver implements, and the records that pass through it.

A solver gets a list of stars and proposes a plate, or says why it has none. It only proposes:
`chain` decides whether the plate is believed, by the same rule for all solvers.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike

from crowdsky.base.arrays import FloatArray
from crowdsky.solving.tan import TanWcs


class Parity(Enum):
    """Parity of the picture in pixel coordinates: the sign of det(CD), or not known."""

    POSITIVE = 1
    NEGATIVE = -1
    EITHER = 0


@dataclass(frozen=True, slots=True)
class StarList:
    """Detected stars, brightest first, and the size of their picture.

    x, y   -- 0-based pixel positions, float64, shape (n,)
    flux   -- in any unit; only the order counts
    width, height -- size of the picture, pixels
    """

    x: FloatArray
    y: FloatArray
    flux: FloatArray
    width: int
    height: int

    @classmethod
    def sorted(
        cls, x: ArrayLike, y: ArrayLike, flux: ArrayLike, width: int, height: int
    ) -> StarList:
        """Build a list from stars in any order; those that are not finite are dropped."""
        columns = np.array([x, y, flux], dtype=np.float64)
        columns = columns[:, np.isfinite(columns).all(axis=0)]
        order = np.argsort(-columns[2], kind="stable")
        x_sorted, y_sorted, flux_sorted = columns[:, order]
        return cls(x_sorted, y_sorted, flux_sorted, width, height)

    def __len__(self) -> int:
        return len(self.x)

    def brightest(self, count: int) -> StarList:
        """Return the first `count` stars."""
        return replace(self, x=self.x[:count], y=self.y[:count], flux=self.flux[:count])


@dataclass(frozen=True, slots=True)
class PositionHint:
    """Where the middle of the picture is believed to be; degrees."""

    ra: float
    dec: float
    radius: float = 1.0


@dataclass(frozen=True, slots=True)
class ScaleRange:
    """The range of pixel scales that is expected, arcsec per pixel."""

    low: float
    high: float

    @classmethod
    def around(cls, scale_arcsec: float, tolerance: float = 0.03) -> ScaleRange:
        """Build the range of a nominal scale with a relative `tolerance`."""
        return cls(scale_arcsec * (1.0 - tolerance), scale_arcsec * (1.0 + tolerance))

    @property
    def middle(self) -> float:
        """The expected scale, arcsec per pixel."""
        return (self.low + self.high) / 2.0

    @property
    def tolerance(self) -> float:
        """Half the width of the range, relative to its middle."""
        return (self.high - self.low) / (self.high + self.low)


@dataclass(frozen=True, slots=True)
class SolveRequest:
    """Everything that a solver may know about a picture; None is not known."""

    stars: StarList
    hint: PositionHint | None = None
    scale: ScaleRange | None = None
    parity: Parity = Parity.EITHER


@dataclass(frozen=True, slots=True)
class SolveOutcome:
    """The answer of a solver: a plate, or the reason why there is none, for people to read.

    passing -- the reason is not the picture and may be gone later, e.g. a server is down
    """

    solver: str
    wcs: TanWcs | None = None
    reason: str = ""
    passing: bool = False

    @property
    def solved(self) -> bool:
        """Whether a plate is proposed."""
        return self.wcs is not None


class Solver(Protocol):
    """One way of finding the plate of a list of stars."""

    @property
    def name(self) -> str:
        """The name of this solver in settings and headers."""

    @property
    def uses_position(self) -> bool:
        """Whether a position makes it faster; without one it goes last."""

    def solve(self, request: SolveRequest, time_limit: float) -> SolveOutcome:
        """Propose a plate within about `time_limit` seconds, or say why there is none.

        Expected trouble (no match, time over, program not installed, server unreachable) is an
        outcome with a reason, never an exception.
        """
