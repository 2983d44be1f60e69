"""How a debayered frame becomes a continuous picture: the kernel of the warp, and its noise."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

Taps = tuple[tuple[np.float32, np.float32, np.float32, np.float32], ...]
"""Four cubic polynomials in the fraction t of the position, lowest power first: the weights of
the pixels at -1, 0, 1 and 2."""


BILINEAR = ((0.5625, 0.0, 0.0), (0.0, 0.625, 0.0), (0.0, 0.0, 0.5625))
DETAIL = ((0.0, 0.2461, 0.1758), (0.0781, 0.0, 0.0781), (0.1758, 0.2461, 0.0))
"""Variance of red, green and blue after debayering per variance of a red, green and blue raw
pixel, mean over the pattern: sums of the squared coefficients of the bilinear filters, and of
what Malvar's add to them."""
WARP = {True: (0.91, 0.896, 0.91), False: (0.97, 0.91, 0.97)}
MONO_WARP = 0.813
"""What the cubic kernel leaves of the noise, with Malvar's debayering or without; it depends on
how much neighbours have in common. Measured; a test measures it again."""


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

    def sample_noise(self, noise: np.ndarray) -> np.ndarray:
        """Noise of warped samples, mean over all positions, of raw pixels with ``noise``.

        Both (planes,): sigma in ADU per colour, or of the one plane of a monochrome sensor.
        """
        if len(noise) == 1:
            return MONO_WARP * noise
        shares = np.array(BILINEAR) + self.sharp**2 * np.array(DETAIL)
        return np.asarray(np.sqrt(shares @ noise**2) * np.array(WARP[self.sharp > 0.0]))


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
