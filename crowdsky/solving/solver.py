"""The port behind which every plate solver stands, and what travels through it.

A solver gets a list of stars and proposes a plate, or says why it has none. It proposes only:
whether the plate is believed is decided in `chain`, by the same rule for all of them.
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
    """Handedness of the picture in pixel coordinates: the sign of det(CD), or not known."""

    POSITIVE = 1
    NEGATIVE = -1
    EITHER = 0


@dataclass(frozen=True, slots=True)
class StarList:
    """Detected stars, brightest first, and the size of their picture.

    x, y   -- 0-based pixel positions, float64, shape (n,)
    flux   -- any unit; only the order counts
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
        """Build a list from stars in any order; those without a finite position are dropped."""
        columns = np.array([x, y, flux], dtype=np.float64)
        columns = columns[:, np.isfinite(columns).all(axis=0)]
        order = np.argsort(-columns[2], kind="stable")
        x_sorted, y_sorted, flux_sorted = columns[:, order]
        return cls(x_sorted, y_sorted, flux_sorted, width, height)

    def __len__(self) -> int:
        return len(self.x)

    def brightest(self, count: int) -> StarList:
        """The first `count` stars."""
        return replace(self, x=self.x[:count], y=self.y[:count], flux=self.flux[:count])


@dataclass(frozen=True, slots=True)
class PositionHint:
    """Where the middle of the picture is believed to be; all in degrees."""

    ra: float
    dec: float
    radius: float = 1.0


@dataclass(frozen=True, slots=True)
class ScaleRange:
    """Between which pixel scales the answer is expected, arcsec per pixel."""

    low: float
    high: float

    @classmethod
    def around(cls, scale_arcsec: float, tolerance: float = 0.03) -> ScaleRange:
        """The range of a nominal scale, `tolerance` being a share of it."""
        return cls(scale_arcsec * (1.0 - tolerance), scale_arcsec * (1.0 + tolerance))

    @property
    def middle(self) -> float:
        """The expected scale."""
        return (self.low + self.high) / 2.0

    @property
    def tolerance(self) -> float:
        """Half the width as a share of the middle."""
        return (self.high - self.low) / (self.high + self.low)


@dataclass(frozen=True, slots=True)
class SolveRequest:
    """Everything a solver may know about a picture."""

    stars: StarList
    hint: PositionHint | None = None
    scale: ScaleRange | None = None
    parity: Parity = Parity.EITHER


@dataclass(frozen=True, slots=True)
class SolveOutcome:
    """What a solver answered: a plate, or the reason in words why there is none.

    passing -- the reason lies outside the picture and may be gone later, e.g. a server is down
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
        """The word by which settings and headers know this solver."""

    @property
    def uses_position(self) -> bool:
        """Whether a position makes it faster; those go last when there is none."""

    def solve(self, request: SolveRequest, time_limit: float) -> SolveOutcome:
        """Propose a plate within about `time_limit` seconds, or say why there is none.

        Expected trouble (no match, time over, program not installed, server out of reach) is an
        outcome with a reason, never an exception.
        """
