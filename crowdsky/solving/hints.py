"""Hints from a header before solving: where the telescope pointed, and the size of its pixels."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import partial

from crowdsky.frames.angles import pointing
from crowdsky.frames.cards import card
from crowdsky.frames.equinox import OF_DATE, sky_pointing
from crowdsky.solving.solver import Parity, PositionHint, ScaleRange

HINT_RADIUS_DEG = 1.0
"""Radius in degrees around the hint, and enough for a pointing whose equinox is unknown."""

RADIANS_TO_ARCSEC = 206.265
SEESTAR = OF_DATE

Header = Mapping[str, object]


def position_hint(header: Header, radius_deg: float = HINT_RADIUS_DEG) -> PositionHint | None:
    """Return where on the sky a header points, ICRS; None if it does not say.

    A pointing of date is precessed; one of unknown date is taken as it is.
    """
    ra, dec = sky_pointing(header)
    if ra is None or dec is None:
        ra, dec = pointing(partial(card, header))
    return None if ra is None or dec is None else PositionHint(ra, dec, radius_deg)


def scale_hint(header: Header, tolerance: float = 0.03) -> ScaleRange | None:
    """Compute the pixel scale from FOCALLEN (mm) and XPIXSZ (um, with binning); None without."""
    focal_length, pixel = _positive(header.get("FOCALLEN")), _positive(header.get("XPIXSZ"))
    if focal_length is None or pixel is None:
        return None
    return ScaleRange.around(RADIANS_TO_ARCSEC * pixel / focal_length, tolerance)


def parity_hint(header: Header) -> Parity:
    """Guess the parity: Seestar frames are mirrored, rows from the top; others are unknown."""
    words = f"{header.get('INSTRUME', '')} {header.get('TELESCOP', '')}"
    return Parity.POSITIVE if SEESTAR.search(words) else Parity.EITHER


def _positive(value: object) -> float | None:
    number = _number(value)
    return number if number is not None and number > 0 else None


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except ValueError:
        return None
    return number if math.isfinite(number) else None
