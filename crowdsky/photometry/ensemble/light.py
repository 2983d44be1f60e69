"""Magnitudes and errors of observations from the light that is expected of them.

Noise that makes a point brighter also makes its error in magnitudes smaller, so a mean of
magnitudes that is weighted by their own errors is too bright, and more observations do not help.
Here, the error is that of the light which the star is expected to have in the epoch, and a
magnitude is linear in the flux around it: means of such magnitudes are means of fluxes, and a flux
that is not positive counts like any other.

Where a change can be real, because the star varies or the epoch is disturbed, the expectation
follows what was measured, by the share of the variance that is not noise of photons and sky. So a
bright star has its usual magnitude.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from crowdsky.base.arrays import FloatArray
from crowdsky.photometry.ensemble.noise import MAG_PER_SHARE

Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True)
class Light:
    """Magnitudes of observations, and their errors by photons and sky, both (n,)."""

    mag: FloatArray
    sigma: FloatArray


def measured_light(flux: Floats, error: Floats) -> Light:
    """Take magnitudes and errors as measured; NaN and infinite where the flux is not positive.

    `flux` and its `error`, (n,), are in ADU, and magnitudes instrumental.
    """
    positive = np.where(flux > 0.0, flux, np.nan).astype(float)
    return Light(
        -2.5 * np.log10(positive), np.nan_to_num(MAG_PER_SHARE * error / positive, nan=np.inf)
    )


def expected_light(flux: Floats, error: Floats, expected: FloatArray, real: FloatArray) -> Light:
    """Compute magnitudes around the expected light.

    Args:
        flux: (n,), in any unit.
        error: by photons and sky, same unit.
        expected: mean light of the star, same unit, above 0.
        real: variance of changes that are not noise of photons and sky, mag².
    """
    noise = (MAG_PER_SHARE * error / expected) ** 2
    share = real / (real + noise)
    around = expected + share * (np.maximum(flux, error) - expected)
    mag = -2.5 * np.log10(around) - MAG_PER_SHARE * (flux / around - 1.0)
    return Light(mag, MAG_PER_SHARE * error / around)
