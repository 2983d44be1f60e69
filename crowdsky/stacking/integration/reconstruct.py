"""The interpolation of debayered frames: the kernel of the warp, and the noise that it leaves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

Taps = tuple[tuple[np.float32, np.float32, np.float32, np.float32], ...]
"""Coefficients of four cubic polynomials in the fraction t of the position, lowest power first: the
weights of the pixels at -1, 0, 1 and 2."""


BILINEAR = ((0.5625, 0.0, 0.0), (0.0, 0.625, 0.0), (0.0, 0.0, 0.5625))
DETAIL = ((0.0, 0.2461, 0.1758), (0.0781, 0.0, 0.0781), (0.1758, 0.2461, 0.0))
"""Variance of red, green and blue after debayering per variance of a red, green and blue raw pixel,
averaged over the pattern: sums of the squared coefficients of the bilinear filters (BILINEAR), and
of what Malvar's filters add to them (DETAIL)."""
WARP = {True: (0.91, 0.896, 0.91), False: (0.97, 0.91, 0.97)}
MONO_WARP = 0.813
"""Share of the noise that the cubic kernel leaves, with Malvar's debayering or without (WARP), and
on a monochrome sensor. It depends on the correlation of neighbours; measured, and a test repeats
it."""


@dataclass(frozen=True, slots=True)
class Reconstruction:
    """Debayering and interpolation.

    ``sharp`` 1 is the debayering of Malvar, He and Cutler (2004), 0 is bilinear. ``blur`` and
    ``ringing`` are B and C of the cubic of Mitchell and Netravali (1988): (0, 1/2) is Catmull-Rom,
    which interpolates, and (1, 0) a B-spline. ``adaptive`` smooths noise in the finished stack.
    """

    sharp: float = 1.0
    blur: float = 0.0
    ringing: float = 0.5
    adaptive: bool = True

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

    def sample_noise(self, noise: np.ndarray) -> np.ndarray:
        """Compute the noise of warped samples, averaged over positions, from that of raw pixels.

        Both are sigma in ADU, (planes,): per colour, or of the one plane of a monochrome sensor.
        """
        if len(noise) == 1:
            return MONO_WARP * noise
        shares = np.array(BILINEAR) + self.sharp**2 * np.array(DETAIL)
        return np.asarray(np.sqrt(shares @ noise**2) * np.array(WARP[self.sharp > 0.0]))


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
