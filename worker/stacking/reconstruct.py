"""How a debayered frame becomes a continuous picture: the kernel of the warp, and its noise."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

Taps = tuple[tuple[np.float32, np.float32, np.float32, np.float32], ...]
"""Four cubic polynomials in the fraction t of the position, lowest power first: the weights of
the pixels at -1, 0, 1 and 2."""


@dataclass(frozen=True, slots=True)
class Reconstruction:
    """Debayering and interpolation.

    ``sharp`` 1 is Malvar's debayering and 0 bilinear; ``blur`` and ``ringing`` are B and C of
    Mitchell and Netravali's cubic: (0, 1/2) interpolates (Catmull-Rom), (1, 0) is a B-spline.
    """

    sharp: float = 1.0
    blur: float = 0.0
    ringing: float = 0.5
    adaptive: bool = True

    @property
    def taps(self) -> Taps:
        """The kernel's four weights as polynomials."""
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

    def noise_gain(self, pattern: str) -> np.ndarray:
        """Noise of a warped sample over that of a raw pixel, mean over all positions; (planes,).

        Measured on white noise; a test measures it again.
        """
        if pattern == "MONO":
            return np.array([0.75])
        return np.array([0.95, 0.79, 0.98])


def _shifted(
    cubic: tuple[float, float, float, float], start: float, sign: float
) -> tuple[np.float32, np.float32, np.float32, np.float32]:
    """The polynomial in t that equals ``cubic`` at the distance ``start + sign * t``."""
    p0, p1, p2, p3 = cubic
    return (
        np.float32(p0 + start * (p1 + start * (p2 + start * p3))),
        np.float32(sign * (p1 + start * (2 * p2 + start * 3 * p3))),
        np.float32(p2 + 3 * start * p3),
        np.float32(sign * p3),
    )
