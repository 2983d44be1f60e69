"""In what share of the epochs that show its place a star was found.

A faint star is found where noise makes it brighter, and missed where noise makes it fainter, so
that the mean of what was found is too bright.
"""

from __future__ import annotations

import numpy as np

from crowdsky.base.arrays import BoolArray, FloatArray
from crowdsky.photometry.ensemble.tables import FieldObservations

ENOUGH = 0.85
"""Share from which the mean of a star is too bright by less than 0.003 mag."""

LEAST_STARS = 6
"""Stars from which the place of the others in an epoch is computed."""

MARGIN = 0.02
"""Share of the picture at each edge in which a star need not be found."""


def often_missed(observations: FieldObservations) -> BoolArray:
    """Find the stars that too few epochs have, (n_stars,).

    Where a star would be in an epoch follows from the stars that were found in it.
    """
    stars, epochs, rows = observations.stars, observations.epochs, observations.observations
    places = _tangent(stars.ra, stars.dec, observations.ra, observations.dec)
    shown = np.zeros(len(stars), np.intp)
    found = np.zeros(len(stars), np.intp)
    order = np.argsort(rows.epoch, kind="stable")
    ends = np.searchsorted(rows.epoch[order], np.arange(len(epochs) + 1))
    for epoch in range(len(epochs)):
        seen = order[ends[epoch] : ends[epoch + 1]]
        if len(seen) < LEAST_STARS:
            continue
        star = rows.star[seen]
        pixels = np.stack([rows.x[seen], rows.y[seen]], axis=1).astype(float)
        plate = np.linalg.lstsq(places[star], pixels, rcond=None)[0]
        size = np.array([epochs.width[epoch], epochs.height[epoch]], float) - 1.0
        there = places @ plate
        is_shown = ((there >= MARGIN * size) & (there <= (1.0 - MARGIN) * size)).all(axis=1)
        shown += is_shown
        found[star] += is_shown[star]
    return np.asarray(found < ENOUGH * shown)


def _tangent(ra: FloatArray, dec: FloatArray, ra0: float, dec0: float) -> FloatArray:
    """Project places (degrees) onto the plane that touches the sky: 1, xi, eta, (n, 3)."""
    a, d, d0 = np.radians(ra - ra0), np.radians(dec), np.radians(dec0)
    down = np.sin(d0) * np.sin(d) + np.cos(d0) * np.cos(d) * np.cos(a)
    xi = np.cos(d) * np.sin(a) / down
    eta = (np.cos(d0) * np.sin(d) - np.sin(d0) * np.cos(d) * np.cos(a)) / down
    return np.stack([np.ones_like(xi), xi, eta], axis=1)
