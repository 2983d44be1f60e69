"""Balances the colours of a picture by the stars in it: one of the Sun's colour becomes white.

The zero points of the three planes hold for one band of one catalogue and, where they have colour
terms, for a star of the colour of the Sun (BP - RP of 0.82, Casagrande and VandenBerg 2018, MNRAS
479, L102). Such a star has the magnitude m in all of them, and so the flux 10^(0.4 (ZP - m)) in
each. The factor that makes a plane's flux equal to green's is therefore 10^(0.4 (ZP_green - ZP)),
for this camera, filter, sky and height above the horizon. Outliers were left out by the fit of the
zero points.

Without colour terms the zero points are those of the mean star of the field, which is redder than
the Sun by an amount that nobody knows; no factors are given then. Tycho-2 has no colours here: it
takes Gaia, or an own catalogue with BP - RP.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from crowdsky.photometry.calibration import Calibration
from crowdsky.photometry.zero_points import ZeroPoint
from crowdsky.pictures.planes import PicturePlanes

MAX_ERROR = 0.05
"""Relative error of a factor above which it is not given: the eye sees less than that."""
COLOURS = ("red", "green", "blue")
GREEN = 1


@dataclass(frozen=True, slots=True)
class WhiteBalance:
    """Factors that make a star of the Sun's colour white.

    factors   -- for red, green and blue; green's is 1
    errors    -- their standard errors, from those of the zero points; green's is 0. What errors of
                 the catalogue or clouds do to all planes alike is counted in each of them, so these
                 are upper bounds where such errors prevail
    n_stars   -- number of stars behind the plane with the fewest
    reference -- band and catalogue of the zero points
    """

    factors: tuple[float, float, float]
    errors: tuple[float, float, float]
    n_stars: int
    reference: str

    def apply_to(self, picture: PicturePlanes) -> PicturePlanes:
        """Return a picture of three planes, whose sky is subtracted, with its colours balanced.

        Raises ValueError for a picture of one plane.
        """
        if len(picture.planes) != len(self.factors):
            raise ValueError(f"a picture of three planes has colours, not one of shape "
                             f"{picture.planes.shape}")  # fmt: skip
        factors = np.array(self.factors, dtype=np.float32)
        return PicturePlanes(picture.planes * factors[:, None, None], picture.covered)


@dataclass(frozen=True, slots=True)
class BalanceOutcome:
    """A white balance, or None and the reason for people why there is none."""

    balance: WhiteBalance | None
    reason: str = ""


def white_balance(calibration: Calibration) -> BalanceOutcome:
    """Compute the white balance of a stack from its zero points.

    Args:
        calibration: of a measured stack, ``Measurement.calibration``.

    Returns:
        The balance; or none and the reason, when a plane has no zero point or no colour term (too
        few stars with a known colour, or all of one colour), or when a factor is not known to
        MAX_ERROR.
    """
    points: list[ZeroPoint] = []
    for name, plane in zip(COLOURS, calibration.planes, strict=True):
        point = plane.zero_point
        if point is None:
            return BalanceOutcome(None, f"{name} has no zero point: too few known stars")
        if point.colour_term is None:
            return BalanceOutcome(
                None,
                f"{name} has no colour term: {calibration.reference or 'the catalogue'} gives the "
                "colour of too few stars, or of stars that are too much alike",
            )
        points.append(point)
    green = points[GREEN]
    factors, errors = [], []
    for name, point in zip(COLOURS, points, strict=True):
        factor = 10.0 ** (0.4 * (green.value - point.value))
        away = 0.0 if point is green else math.hypot(green.error, point.error)
        relative = 0.4 * math.log(10.0) * away
        if not math.isfinite(relative):
            return BalanceOutcome(None, f"the error of the factor of {name} is not known")
        if relative > MAX_ERROR:
            return BalanceOutcome(
                None,
                f"the factor of {name} is uncertain by {relative:.0%}, more than {MAX_ERROR:.0%}",
            )
        factors.append(factor)
        errors.append(factor * relative)
    return BalanceOutcome(
        WhiteBalance(
            (factors[0], factors[1], factors[2]),
            (errors[0], errors[1], errors[2]),
            min(point.n_stars for point in points),
            calibration.reference,
        )
    )
