"""What telescopes differ in beside their zero points: colour, and light across the picture.

- Colour: one term per telescope and filter, times the star's B - R in the ensemble's own magnitudes
  minus that of the reference. Adding the same number to all terms only changes what magnitudes
  mean, so their mean over telescopes and filters is 0: magnitudes are those of the mean telescope.
  Monochrome cameras have no colours, so none.
- Across the picture: u, v, uu, uv, vv per telescope and filter, for what the flat field left, and a
  gradient in u and v per epoch of enough stars, for clouds, moonlight and airmass.

All of them are drawn to 0 by a prior, so that few stars do not invent what they cannot show: a flat
field of one telescope that never moves is not seen by an ensemble, and stays 0.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from crowdsky.base.arrays import FloatArray
from crowdsky.photometry.ensemble.problem import NEVER, Columns, Index

COLOUR_PRIOR = 0.3
"""Expected size of colour terms, mag per mag; those of green pixels differ by about 0.1."""

FLAT_PRIOR_MAG = 0.02
"""Expected size of each term across the picture: what calibrated flat fields are wrong by."""

GRADIENT_PRIOR_MAG = 0.01
"""Expected size of the gradients of an epoch, mag from the middle to the edge, where too few epochs
show it."""

GRADIENT_STARS = 30
"""Number of stars that the gradient of an epoch needs."""

MEAN_IS_CONVENTION = 1e8
"""Inverse variance that keeps the mean of the colour terms at 0; it takes nothing from the fit."""

PLACES = 5
"""Number of terms across the picture: u, v, uu, uv, vv."""


@dataclass(frozen=True, slots=True)
class Design:
    """What the unknowns of a `Problem` multiply, and their priors; see there.

    The shared terms are the colour, if there are colours, then those across the picture.
    """

    local: Columns
    local_prior: FloatArray
    shared: Columns
    shared_prior: FloatArray
    mean_prior: FloatArray


def places(x: FloatArray, y: FloatArray, width: FloatArray, height: FloatArray) -> FloatArray:
    """Return u, v, uu, uv, vv of pixels (the first is 0) in pictures of these sizes, (n, 5)."""
    u = 2.0 * x / (width - 1.0) - 1.0
    v = 2.0 * y / (height - 1.0) - 1.0
    return np.stack([u, v, u * u, u * v, v * v], axis=1)


def design(
    place: Columns,
    colour: FloatArray | None,
    epoch: Index,
    n_epochs: int,
    gradients: FloatArray | None = None,
) -> Design:
    """Describe the terms for observations at these places, (n, 5), of stars of these colours, (n,).

    `colour` is minus the reference; stars without one have 0, and None leaves out colour terms.
    `gradients` are their expected variances in u and v, (n_epochs, 2); GRADIENT_PRIOR_MAG without.
    """
    stars_per_epoch = np.bincount(epoch, minlength=n_epochs)
    expected = np.full((n_epochs, 2), GRADIENT_PRIOR_MAG**2) if gradients is None else gradients
    gradient = np.where((stars_per_epoch >= GRADIENT_STARS)[:, None], 1.0 / expected, NEVER)
    local = np.concatenate([np.ones((len(place), 1), place.dtype), place[:, :2]], axis=1)
    local_prior = np.concatenate([np.zeros((n_epochs, 1)), gradient], axis=1)
    if not (stars_per_epoch >= GRADIENT_STARS).any():
        local, local_prior = local[:, :1], local_prior[:, :1]
    shared, prior, mean = place, np.full(PLACES, FLAT_PRIOR_MAG**-2), np.zeros(PLACES)
    if colour is not None:
        shared = np.concatenate([colour[:, None].astype(place.dtype), place], axis=1)
        prior = np.concatenate([[COLOUR_PRIOR**-2], prior])
        mean = np.concatenate([[MEAN_IS_CONVENTION], mean])
    return Design(local, local_prior, shared, prior, mean)


def priors() -> dict[str, float]:
    """Return the priors, for the description of a calibration."""
    return {
        "colour_term": COLOUR_PRIOR,
        "flat_mag": FLAT_PRIOR_MAG,
        "gradient_mag": GRADIENT_PRIOR_MAG,
        "gradient_stars": GRADIENT_STARS,
    }
