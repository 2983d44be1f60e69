"""Fits zero points, the magnitude of a star of 1 ADU per plane, to the matched catalogue stars.

With a catalogue that has colours, the difference between a plane's response and the catalogue's
band is fitted, too, as a term that grows with BP - RP:

    magnitude = value - 2.5 log10(flux) + term * (BP - RP - REFERENCE_COLOUR)

Stars are weighted by the errors of their fluxes and of the catalogue (0.1 to 0.2 mag in V_T at
12 mag); outliers beyond three times the scatter are left out.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from crowdsky.base.arrays import BoolArray, FloatArray
from crowdsky.solving.catalogue import CatalogueStars

MIN_STARS = 3
MIN_SNR = 10.0
GOOD_SNR, GOOD_STARS = 50.0, 30
"""Signal-to-noise ratio from which stars count, where there are so many of them; else the best that
many, down to MIN_SNR. A faint star is found and measured too bright, because one that noise made
fainter is not found: by 0.04 mag on average at 10 to 20, by 0.01 at 20 to 40."""

CLIP = 3.0
CLIP_ROUNDS = 5
FLOOR_MAG = 0.02
"""Error in magnitudes that flat field, clouds and colour leave, however bright the star."""

REFERENCE_COLOUR = 0.82
"""BP - RP of the Sun. Zero points hold for stars of this colour, so that those of different fields
can be compared."""

COLOUR_RANGE = (-0.2, 2.2)
"""BP - RP of the stars behind a colour term; redder ones have bands of molecules in their spectra,
which no straight line describes."""

MIN_COLOUR_STARS = 8
MIN_COLOUR_SPREAD = 0.1
"""Number of stars, and the standard deviation of their BP - RP, that a colour term needs. Without
them, the zero point is that of the mean star of the field."""

ROBUST_ROUNDS = 20
"""Rounds of the first fit, which minimises absolute deviations, so that no outlier bends it."""


@dataclass(frozen=True, slots=True)
class ColourTerm:
    """How a plane's magnitude changes with BP - RP, and the error of that; mag per mag."""

    value: float
    error: float


@dataclass(frozen=True, slots=True)
class ZeroPoint:
    """The zero point of a plane; magnitude = value - 2.5 log10(flux in ADU).

    value       -- magnitude of 1 ADU, for a star of REFERENCE_COLOUR if there is a colour term
    scatter     -- standard deviation of one star, mag
    error       -- error of the zero point itself, mag
    n_stars     -- number of stars used
    mag_low, mag_high -- catalogue magnitudes of the brightest and faintest star used
    catalogue_error   -- median error of the catalogue's magnitudes of the stars used, mag
    colour_term -- None if the catalogue has no colours, or too few stars of too few colours
    """

    value: float
    scatter: float
    error: float
    n_stars: int
    mag_low: float
    mag_high: float
    catalogue_error: float
    colour_term: ColourTerm | None


def fit_zero_point(
    flux: FloatArray, error: FloatArray, partners: CatalogueStars, usable: BoolArray
) -> ZeroPoint | None:
    """Fit the zero point of matched stars; None if fewer than three can be used.

    Args:
        flux, error: fluxes of the stars and their errors, ADU, (n,).
        partners: the same stars in the catalogue, n of them.
        usable: whether a star is neither saturated, blended nor cut off, (n,).
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        each = partners.mag + 2.5 * np.log10(flux)
        snr = flux / error
    usable = _bright_enough(snr, usable & np.isfinite(each))
    noise = 1.0857 / np.maximum(snr, 1.0)
    sigma = np.sqrt(FLOOR_MAG**2 + noise**2 + partners.mag_error**2)
    colour = partners.bp_rp - REFERENCE_COLOUR
    has_colour = (partners.bp_rp >= COLOUR_RANGE[0]) & (partners.bp_rp <= COLOUR_RANGE[1])
    fitted = _fit(each, sigma, colour, usable & has_colour)
    if fitted is None or not _spans_colours(colour[fitted.used]):
        fitted = _fit(each, sigma, None, usable)
    if fitted is None:
        return None
    used, mags = fitted.used, partners.mag[fitted.used]
    return ZeroPoint(
        value=fitted.numbers[0],
        scatter=fitted.scatter,
        error=fitted.errors[0],
        n_stars=int(used.sum()),
        mag_low=float(mags.min()),
        mag_high=float(mags.max()),
        catalogue_error=float(np.median(partners.mag_error[used])),
        colour_term=fitted.colour_term,
    )


def _bright_enough(snr: FloatArray, usable: BoolArray) -> BoolArray:
    usable = usable & (snr >= MIN_SNR)
    best = np.sort(snr[usable])[::-1]
    if len(best) < GOOD_STARS:
        return usable
    return usable & (snr >= min(GOOD_SNR, float(best[GOOD_STARS - 1])))


@dataclass(frozen=True, slots=True)
class _Fit:
    """Numbers of a straight line (or only its height), their errors, and what they rest on."""

    numbers: tuple[float, ...]
    errors: tuple[float, ...]
    scatter: float
    used: BoolArray

    @property
    def colour_term(self) -> ColourTerm | None:
        return ColourTerm(self.numbers[1], self.errors[1]) if len(self.numbers) > 1 else None


def _fit(
    each: FloatArray, sigma: FloatArray, colour: FloatArray | None, keep: BoolArray
) -> _Fit | None:
    """Fit a constant, or with colours a line, to those to keep, without outliers."""
    ones = np.ones_like(each)
    design = ones[:, None] if colour is None else np.stack([ones, colour], axis=1)
    least = MIN_STARS if colour is None else MIN_COLOUR_STARS
    weight = 1.0 / sigma**2
    for turn in range(CLIP_ROUNDS):
        if keep.sum() < least or (colour is not None and not _spans_colours(colour[keep])):
            return None
        robust = turn == 0
        numbers = (_robust if robust else _weighted)(design[keep], each[keep], weight[keep])
        away = np.abs(each - np.where(keep, design @ numbers, np.nan))
        spread = 1.4826 * float(np.median(away[keep]))
        limit = CLIP * np.maximum(max(spread, FLOOR_MAG), sigma)
        clipped = keep & (away <= limit)
        settled, keep = bool((clipped == keep).all()), clipped
        if settled and not robust:
            break
    degrees = int(keep.sum()) - design.shape[1]
    if keep.sum() < least or degrees < 1:
        return None
    numbers = _weighted(design[keep], each[keep], weight[keep])
    away = each[keep] - design[keep] @ numbers
    scatter = math.sqrt(float(np.sum(away**2)) / degrees)
    errors = _errors(design[keep], weight[keep], scatter)
    return _Fit(tuple(map(float, numbers)), errors, scatter, keep)


def _weighted(design: FloatArray, each: FloatArray, weight: FloatArray) -> FloatArray:
    """Solve weighted least squares."""
    root = np.sqrt(weight)
    return np.asarray(np.linalg.lstsq(design * root[:, None], each * root, rcond=None)[0])


def _robust(design: FloatArray, each: FloatArray, weight: FloatArray) -> FloatArray:
    """Minimise weighted absolute deviations, by least squares of changing weights."""
    numbers = np.zeros(design.shape[1])
    numbers[0] = _weighted_median(each, weight)
    for _ in range(ROBUST_ROUNDS):
        away = np.maximum(np.abs(each - design @ numbers), FLOOR_MAG / 10.0)
        numbers = _weighted(design, each, weight / away)
    return numbers


def _errors(design: FloatArray, weight: FloatArray, scatter: float) -> tuple[float, ...]:
    """Propagate the scatter of one star, whatever its weight, to the numbers of a weighted fit."""
    inverse = np.linalg.inv(design.T @ (design * weight[:, None]))
    spread = (design * weight[:, None]) @ inverse
    return tuple(scatter * math.sqrt(float(np.sum(column**2))) for column in spread.T)


def _spans_colours(colour: FloatArray) -> bool:
    return len(colour) >= MIN_COLOUR_STARS and float(np.std(colour)) >= MIN_COLOUR_SPREAD


def _weighted_median(values: FloatArray, weights: FloatArray) -> float:
    order = np.argsort(values)
    running = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(running, running[-1] / 2.0)])
