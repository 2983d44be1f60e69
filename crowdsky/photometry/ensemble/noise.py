"""The error model of an observation: photons and sky, scintillation, flat field, zero point.

Photons and sky are the flux error of STAR-TAB. Scintillation follows Young (1967, AJ 72, 747) with
the coefficient of Osborn et al. (2015, MNRAS 452, 1707). What the flat field and everything else
that is fixed on the sensor leave is fitted to the scatter of constant stars, as a floor per
telescope and filter. The error of the zero point comes from the solution of the ensemble.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from crowdsky.base.arrays import FloatArray
from crowdsky.photometry.ensemble.problem import Index
from crowdsky.photometry.ensemble.robust import BAD_POINT

MAG_PER_SHARE = 2.5 / np.log(10.0)
"""Magnitudes of a relative error: 1.0857."""

YOUNG = 1e-5
SCINTILLATION_COEFFICIENT = 1.5
"""C_Y in m^(2/3) s^(1/2): the mean of Osborn's sites; from site to site 1.3 to 1.7."""

DEFAULT_AIRMASS = 1.5
"""Assumed where the airmass of an epoch is not known. The altitude of the site is taken as 0."""

DEFAULT_APERTURE_MM = 50.0
APERTURES_MM = (
    (r"S50", 50.0),
    (r"S30", 30.0),
    (r"DWARF[ _-]?MINI", 30.0),
    (r"DWARF[ _-]?(3|III)", 35.0),
    (r"DWARF", 24.0),
    (r"VESPERA", 50.0),
    (r"STELLINA", 80.0),
    (r"EVSCOPE|UNISTELLAR", 114.0),
    (r"ODYSSEY", 85.0),
)
"""Free apertures of telescopes by what their TELESCOP contains, the first that fits."""

DEFAULT_FLAT_MAG = 0.005
"""Floor where too few bright stars were observed to fit it."""

LARGEST_FLAT_MAG = 0.05
BRIGHT_SIGMA_MAG = 0.02
"""Errors by photons up to which observations show the floor."""

LEAST_OBSERVATIONS = 40
WITHIN_ONE_ERROR = 0.6827
"""Share of Gaussian residuals that are smaller than their error."""


@dataclass(frozen=True, slots=True)
class Floor:
    """The floor of a telescope and filter, mag, and the number of observations behind it.

    0 observations mean that DEFAULT_FLAT_MAG was assumed.
    """

    mag: float
    n_observations: int


def aperture_mm(telescope: str) -> tuple[float, bool]:
    """Return the aperture of a telescope, and whether it is known."""
    for pattern, millimetres in APERTURES_MM:
        if re.search(pattern, telescope, re.IGNORECASE):
            return millimetres, True
    return DEFAULT_APERTURE_MM, False


def scintillation_mag(
    millimetres: FloatArray, exposure_s: FloatArray, airmass: FloatArray
) -> FloatArray:
    """Return the scintillation in magnitudes; an unknown airmass counts as DEFAULT_AIRMASS.

    An exposure that is not known counts as one second, which nobody takes for a small error.
    """
    known = np.isfinite(airmass) & (airmass >= 1.0)
    airmass = np.where(known, airmass, DEFAULT_AIRMASS)
    exposure_s = np.where(exposure_s > 0.0, exposure_s, 1.0)
    diameter = millimetres / 1000.0
    variance = (
        YOUNG * SCINTILLATION_COEFFICIENT**2 * diameter ** (-4.0 / 3.0) / exposure_s * airmass**3
    )
    return np.asarray(MAG_PER_SHARE * np.sqrt(variance))


def fit_floor(
    group: Index, count: int, residual: FloatArray, sigma: FloatArray, free: FloatArray
) -> list[Floor]:
    """Fit the floor of each group, so that 68 % of the residuals are within their errors.

    A quantile, because a minority of the observations is of variable or disturbed stars. Residuals
    count by how much of their error the floor is.

    Args:
        group: of each observation, (n,).
        count: number of groups.
        residual: mag, (n,).
        sigma: errors by photons, sky and scintillation, mag, (n,).
        free: share of the noise that the fit leaves in the residual, (n,).
    """
    floors = []
    for number in range(count):
        rows = (group == number) & (sigma <= BRIGHT_SIGMA_MAG) & (free > 0.2)
        if rows.sum() < LEAST_OBSERVATIONS:
            floors.append(Floor(DEFAULT_FLAT_MAG, 0))
            continue
        square, variance = residual[rows] ** 2 / free[rows], sigma[rows] ** 2
        floor = scatter_beyond(square, variance)
        usual = square <= BAD_POINT**2 * (variance + floor**2)
        floors.append(Floor(scatter_beyond(square[usual], variance[usual]), int(usual.sum())))
    return floors


def scatter_beyond(square: FloatArray, variance: FloatArray) -> float:
    """Find the scatter beyond errors with which WITHIN_ONE_ERROR of the residuals are within both.

    `square` are the squared residuals, and `variance` those of their errors. At most
    LARGEST_FLAT_MAG.
    """
    low, high = 0.0, LARGEST_FLAT_MAG
    for _ in range(40):
        middle = 0.5 * (low + high)
        whole = variance + middle**2
        within = np.average(square <= whole, weights=whole**-2)
        low, high = (low, middle) if within > WITHIN_ONE_ERROR else (middle, high)
    return 0.5 * (low + high)
