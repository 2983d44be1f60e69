"""Debayering and interpolation of frames: the choice of filters, and the kernel of the warp."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

Taps = tuple[tuple[np.float32, np.float32, np.float32, np.float32], ...]
"""Coefficients of four cubic polynomials in the fraction t of the position, lowest power first: the
weights of the pixels at -1, 0, 1 and 2."""


@dataclass(frozen=True, slots=True)
class Reconstruction:
    """Debayering and interpolation.

    ``sharp`` 1 is the debayering of Malvar, He and Cutler (2004), 0 is bilinear. ``blur`` and
    ``ringing`` are B and C of the cubic of Mitchell and Netravali (1988): (0, 1/2) is Catmull-Rom,
    which interpolates, and (1, 0) a B-spline.
    """

    sharp: float = 1.0
    blur: float = 0.0
    ringing: float = 0.5

    @property
    def taps(self) -> Taps:
        """The four weights of the kernel as polynomials."""
        b, c = self.blur, self.ringing
        near = ((6 - 2 * b) / 6, 0.0, (-18 + 12 * b + 6 * c) / 6, (12 - 9 * b - 6 * c) / 6)
        far = (
            (8 * b + 24 * c) / 6,
            (-12 * b - 48 * c) / 6,
            (6 * b + 30 * c) / 6,
            (-b - 6 * c) / 6,
        )
        return (
            _shifted(far, 1.0, 1.0),
            _shifted(near, 0.0, 1.0),
            _shifted(near, 1.0, -1.0),
            _shifted(far, 2.0, -1.0),
        )

    @property
    def table(self) -> np.ndarray:
        """The same as float32 (4, 4)."""
        return np.array(self.taps, np.float32)


def _shifted(
    cubic: tuple[float, float, float, float], start: float, sign: float
) -> tuple[np.float32, np.float32, np.float32, np.float32]:
    """Return the polynomial in t that equals ``cubic`` at the distance ``start + sign * t``."""
    p0, p1, p2, p3 = cubic
    return (
        np.float32(p0 + start * (p1 + start * (p2 + start * p3))),
        np.float32(sign * (p1 + start * (2 * p2 + start * 3 * p3))),
        np.float32(p2 + 3 * start * p3),
        np.float32(sign * p3),
    )
