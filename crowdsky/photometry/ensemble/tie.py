"""Puts the ensemble of a band on the scale of the catalogue, component by component."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from crowdsky.base.arrays import BoolArray, FloatArray
from crowdsky.photometry.ensemble.anchor import (
    CATALOGUE_FLOOR_MAG,
    MIN_ANCHORS,
    Line,
    Partners,
    fit_line,
)
from crowdsky.photometry.ensemble.band import BandData, BandSolution
from crowdsky.photometry.ensemble.flags import StarFlag
from crowdsky.photometry.ensemble.tables import BAND_PLANES, FieldObservations

BY_CATALOGUE, BY_STACKS = "catalogue", "zero points of the stacks"

STACK_ERROR_MAG = 0.15
"""Error of a stack's zero point that does not state it: what single stacks scatter by."""


@dataclass(frozen=True, slots=True)
class Tie:
    """How a component got its scale.

    by          -- BY_CATALOGUE or BY_STACKS
    n_epochs    -- number of its epochs
    line        -- the fit: its error is that of all magnitudes of the component
    """

    by: str
    n_epochs: int
    line: Line


@dataclass(frozen=True, slots=True)
class Tied:
    """A solution on the scale of the catalogue.

    solution    -- NaN for epochs that could not be tied
    ties        -- of the components, the one of most epochs first
    anchors     -- stars of the catalogue that were used, (n_stars,)
    untied      -- epochs that were solved, but whose component could not be tied, (n_epochs,)
    """

    solution: BandSolution
    ties: list[Tie]
    anchors: BoolArray
    untied: BoolArray


def tie(
    data: BandData,
    solution: BandSolution,
    observations: FieldObservations,
    partners: Partners,
    colour: FloatArray | None,
) -> Tied:
    """Shift each component to the catalogue, or to the zero points of its own stacks without.

    The catalogue's own band differs from that of the telescope by a term in the colour of the
    stars, which is fitted, but not applied: magnitudes stay those of the telescope's band, equal to
    the catalogue's for a star of the reference colour.
    """
    n_stars = len(observations.stars)
    of_star = np.full(n_stars, -1, np.intp)
    of_star[data.star[solution.rows]] = solution.component[data.epoch[solution.rows]]
    usable = _usable(data, solution, observations, partners)
    zero_point, mag = solution.zero_point.copy(), solution.mag.copy()
    anchors = np.zeros(n_stars, bool)
    ties: list[Tie] = []
    slope = 0.0
    sizes = np.bincount(solution.component[solution.component >= 0])
    for number in np.argsort(-sizes, kind="stable"):
        epochs = solution.component == number
        stars = np.flatnonzero(usable & (of_star == number))
        line = _to_catalogue(mag, partners, stars, colour, slope)
        if line is not None:
            slope = slope or line.slope
            anchors[stars[line.used]] = True
            ties.append(Tie(BY_CATALOGUE, int(sizes[number]), line))
        else:
            line = _to_stacks(zero_point, observations, epochs, BAND_PLANES[data.band])
            if line is not None:
                ties.append(Tie(BY_STACKS, int(sizes[number]), line))
        shift = line.offset if line is not None else np.nan
        zero_point[epochs] += shift
        mag[of_star == number] += shift
    untied = (solution.component >= 0) & ~np.isfinite(zero_point)
    tied = replace(solution, zero_point=zero_point, mag=mag)
    return Tied(tied, ties, anchors, untied)


def _usable(
    data: BandData, solution: BandSolution, observations: FieldObservations, partners: Partners
) -> BoolArray:
    """Choose the stars that may be anchors: in the catalogue, not variable, mostly alone."""
    n_stars = len(observations.stars)
    star = data.star[solution.rows]
    blended = (data.flags[solution.rows] & int(StarFlag.BLENDED)) != 0
    share = np.bincount(star, blended, n_stars) / np.maximum(
        np.bincount(star, minlength=n_stars), 1
    )
    usable = partners.known & np.isfinite(partners.mag + partners.mag_error)
    usable &= np.isfinite(solution.mag) & ~observations.stars.known_variable
    lone = usable & (share < 0.5)
    return lone if lone.sum() >= MIN_ANCHORS else usable


def _to_catalogue(
    mag: FloatArray,
    partners: Partners,
    stars: np.ndarray,
    colour: FloatArray | None,
    slope: float,
) -> Line | None:
    """Fit catalogue minus ensemble; `slope` is used where this component shows none itself."""
    sigma = np.hypot(partners.mag_error[stars], CATALOGUE_FLOOR_MAG)
    away = partners.mag[stars] - mag[stars]
    if colour is None or not np.isfinite(colour[stars]).any():
        return fit_line(away, sigma)
    known = np.isfinite(colour[stars])
    of_anchors = np.where(known, colour[stars], 0.0)
    line = fit_line(away[known], sigma[known], of_anchors[known])
    if line is None or np.isnan(line.slope_error):
        return fit_line(away - slope * of_anchors, sigma)
    used = np.zeros(len(stars), bool)
    used[np.flatnonzero(known)[line.used]] = True
    return replace(line, used=used)


def _to_stacks(
    zero_point: FloatArray, observations: FieldObservations, epochs: BoolArray, plane: int
) -> Line | None:
    """Take the scale of the stacks' own zero points; None if none has any."""
    own = observations.epochs.zero_point[:, plane].astype(float)
    error = observations.epochs.zero_point_error[:, plane].astype(float)
    rows = epochs & np.isfinite(own)
    if not rows.any():
        return None
    sigma = np.where(error[rows] > 0.0, error[rows], STACK_ERROR_MAG)
    away = own[rows] - zero_point[rows]
    line = fit_line(away, sigma)
    if line is not None:
        return line
    weight = sigma**-2
    offset, alone = float(np.average(away, weights=weight)), float(weight.sum() ** -0.5)
    return Line(offset, alone, 0.0, np.nan, np.nan, np.ones(len(away), bool))
