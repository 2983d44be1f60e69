"""Ties an ensemble to a catalogue as a whole: by one offset per band, from all stars that it has.

The offset is that of a star of the reference colour. It rests on all anchor stars, those far from
the others without any weight, so that no single wrong magnitude of the catalogue moves a curve. It
is the same for all points of a curve, and so is its error: that is stated once, not in the errors
of the points.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crowdsky.base.arrays import BoolArray, FloatArray
from crowdsky.photometry.ensemble.tables import Stars
from crowdsky.photometry.zero_points import REFERENCE_COLOUR
from crowdsky.solving.catalogue import Catalogue, CatalogueStars

MATCH_ARCSEC = 3.0
"""Distance up to which a star of the list and one of the catalogue are the same."""

CROWDED_ARCSEC = 8.0
"""Distance within which another catalogue star rules a star out: a stack may see their sum."""

CROWDED_MAG = 4.0
"""How much fainter such a neighbour may be and still count."""

MIN_ANCHORS = 3
MIN_COLOUR_ANCHORS = 8
MIN_COLOUR_SPREAD = 0.1
"""Number of stars and standard deviation of their colours that a colour transformation needs."""

CATALOGUE_FLOOR_MAG = 0.01
"""Error in magnitudes of any catalogue star in the band of a telescope."""

BIWEIGHT = 4.685
"""Distance, in scatters, from which a star has no weight: Tukey's biweight of 95 % efficiency."""

ROUNDS = 50


@dataclass(frozen=True, slots=True)
class Line:
    """A straight line through most of the points: offset + slope * x.

    error, slope_error -- of both; slope_error is NaN if no slope was fitted
    scatter         -- of the points that count, mag
    used            -- whether a point counts, (n,)
    """

    offset: float
    error: float
    slope: float
    slope_error: float
    scatter: float
    used: BoolArray


@dataclass(frozen=True, slots=True)
class Partners:
    """The catalogue star of each star of the list.

    known           -- whether it has one, (n,)
    mag, mag_error, bp_rp -- of the catalogue, NaN where there is none or where it is not known
    """

    known: BoolArray
    mag: FloatArray
    mag_error: FloatArray
    bp_rp: FloatArray


def find_partners(
    stars: Stars, catalogue: Catalogue | None, centre: tuple[float, float]
) -> Partners:
    """Find the catalogue's stars among those of the list; none without a catalogue."""
    count = len(stars)
    nothing = np.full(count, np.nan)
    if catalogue is None or count == 0:
        return Partners(np.zeros(count, bool), nothing, nothing, nothing)
    x, y, reach = _plane(stars.ra, stars.dec, centre)
    near = catalogue.cone(*centre, min(reach + 0.02, 10.0), float(np.median(stars.year)))
    near = near.take(np.flatnonzero(np.isfinite(near.mag)))
    rows, partners = _pairs(x, y, near, centre)
    known = np.zeros(count, bool)
    known[rows] = True
    filled = [nothing.copy() for _ in range(3)]
    for values, column in zip(filled, (near.mag, near.mag_error, near.bp_rp), strict=True):
        values[rows] = column[partners]
    return Partners(known, *filled)


def fit_line(value: FloatArray, sigma: FloatArray, x: FloatArray | None = None) -> Line | None:
    """Fit a line (or with x None a constant) to most of the points; None with too few.

    Starts from the least absolute deviations, then leaves out what is far away (biweight).
    """
    slope = (
        x is not None and len(value) >= MIN_COLOUR_ANCHORS and float(np.std(x)) >= MIN_COLOUR_SPREAD
    )
    if len(value) < MIN_ANCHORS:
        return None
    ones = np.ones((len(value), 1))
    columns = np.concatenate([ones, x[:, None]], axis=1) if slope and x is not None else ones
    weight = sigma**-2
    numbers = np.zeros(columns.shape[1])
    numbers[0] = float(np.median(value))
    for _ in range(ROUNDS):
        away = np.maximum(np.abs(value - columns @ numbers) / sigma, 0.05)
        numbers = _weighted(columns, value, weight / away)
    scale = _scale(value - columns @ numbers, sigma)
    share = np.ones(len(value))
    for _ in range(ROUNDS):
        away = (value - columns @ numbers) / (BIWEIGHT * scale * sigma)
        share = np.where(np.abs(away) < 1.0, (1.0 - away**2) ** 2, 0.0)
        if (share > 0.0).sum() < len(numbers) + 1:
            return None
        numbers = _weighted(columns, value, weight * share)
    residual = value - columns @ numbers
    inverse = np.linalg.pinv(columns.T @ (columns * (weight * share)[:, None]))
    spread = inverse @ (columns * (weight * share * residual)[:, None]).T
    used = share > 0.1
    degrees = max(int(used.sum()) - len(numbers), 1)
    errors = np.sqrt(np.sum(spread**2, axis=1) * used.sum() / degrees)
    scatter = math.sqrt(float(np.sum(residual[used] ** 2)) / degrees)
    with_slope = len(numbers) > 1
    return Line(
        float(numbers[0]), float(errors[0]), float(numbers[1]) if with_slope else 0.0,
        float(errors[1]) if with_slope else math.nan, scatter, used,
    )  # fmt: skip


def reference_colour(colour: FloatArray, bp_rp: FloatArray) -> float:
    """Return the ensemble's colour of a star like the Sun, or the median where that is unknown."""
    known = np.isfinite(colour) & np.isfinite(bp_rp)
    line = fit_line(colour[known], np.full(known.sum(), 0.02), bp_rp[known] - REFERENCE_COLOUR)
    if line is not None and math.isfinite(line.slope_error):
        return line.offset
    usable = colour[np.isfinite(colour)]
    return float(np.median(usable)) if usable.size else 0.0


def _weighted(columns: FloatArray, value: FloatArray, weight: FloatArray) -> FloatArray:
    root = np.sqrt(weight)
    return np.asarray(np.linalg.lstsq(columns * root[:, None], value * root, rcond=None)[0])


def _scale(residual: FloatArray, sigma: FloatArray) -> float:
    return max(1.4826 * float(np.median(np.abs(residual) / sigma)), 0.3)


def _plane(
    ra: FloatArray, dec: FloatArray, centre: tuple[float, float]
) -> tuple[FloatArray, FloatArray, float]:
    """Return arcseconds on the tangent plane at `centre`, and the largest distance in degrees."""
    along, north = np.radians(ra - centre[0]), np.radians(dec)
    middle = math.radians(centre[1])
    towards = math.sin(middle) * np.sin(north) + math.cos(middle) * np.cos(north) * np.cos(along)
    towards = np.maximum(towards, 1e-3)
    x = np.cos(north) * np.sin(along) / towards
    y = math.cos(middle) * np.sin(north) - math.sin(middle) * np.cos(north) * np.cos(along)
    to_arcsec = 3600.0 * math.degrees(1.0)
    y = y / towards
    reach = float(np.degrees(np.arctan(np.hypot(x, y).max()))) if len(x) else 0.0
    return x * to_arcsec, y * to_arcsec, reach


def _pairs(
    x: FloatArray, y: FloatArray, near: CatalogueStars, centre: tuple[float, float]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Pair stars whose nearest catalogue star is close and alone; returns rows of both."""
    nothing = np.zeros(0, np.intp)
    if len(near) == 0:
        return nothing, nothing
    cat_x, cat_y, _ = _plane(near.ra, near.dec, centre)
    order = np.argsort(cat_x, kind="stable")
    low = np.searchsorted(cat_x[order], x - CROWDED_ARCSEC)
    high = np.searchsorted(cat_x[order], x + CROWDED_ARCSEC)
    rows, partners = [], []
    for row in range(len(x)):
        close = order[low[row] : high[row]]
        distance = np.hypot(cat_x[close] - x[row], cat_y[close] - y[row])
        within = distance < CROWDED_ARCSEC
        close, distance = close[within], distance[within]
        if not close.size or distance.min() > MATCH_ARCSEC:
            continue
        best = close[np.argmin(distance)]
        bright = near.mag[close] < near.mag[best] + CROWDED_MAG
        if bright.sum() == 1:
            rows.append(row)
            partners.append(best)
    taken, first = np.unique(np.array(partners, np.intp), return_index=True)
    return np.array(rows, np.intp)[first], taken
