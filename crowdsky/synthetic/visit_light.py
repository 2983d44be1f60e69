"""The light of stars in the pictures of many visits, before anything is measured.

Stars vary; telescopes differ in colour and flat field; clouds take light unevenly; the air makes
stars scintillate. `measured_nights` makes tables of it, `visit_pictures` pictures.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from crowdsky.synthetic.geometry import SkyGrid
from crowdsky.synthetic.scenes import Stars
from crowdsky.synthetic.variables import Constant, LightCurve, exposed_change
from crowdsky.synthetic.visits import Telescope, Visits

BANDS = ("R", "G", "B")
COLOUR_SHIFT = np.array([0.6, 0.0, -0.8])
"""Magnitude V minus that of the band, per B - V beyond 0.65: those of `Stars.flux`."""
BAND_LIGHT = np.array([0.78, 1.0, 0.72])
SKY_ADU = np.array([385.0, 530.0, 330.0])


@dataclass(frozen=True, slots=True)
class StarTruth:
    """What belongs to the stars of a field, whoever looks.

    mags            -- mean magnitudes without their variation, (n, 3)
    changes         -- variation in magnitudes, (n, visits, 3)
    """

    stars: Stars
    mags: np.ndarray
    changes: np.ndarray


@dataclass(frozen=True, slots=True)
class StarLight:
    """The stars in the picture of a visit.

    rows            -- of the field's stars, (n,)
    x, y            -- places in pixels; u, v the same from -1 to 1 across the picture
    flux            -- light in ADU of one sub, (n, 3)
    zero_point      -- magnitude of 1 ADU in a band whose `BAND_LIGHT` is 1, (3,)
    """

    rows: np.ndarray
    x: np.ndarray
    y: np.ndarray
    u: np.ndarray
    v: np.ndarray
    flux: np.ndarray
    zero_point: np.ndarray


def star_truth(stars: Stars, curves: dict[int, LightCurve], visits: Visits) -> StarTruth:
    """Compute the magnitudes of stars in all visits; stars without a curve are constant."""
    mags = stars.v_mag[:, None] - COLOUR_SHIFT * (stars.b_minus_v[:, None] - 0.65)
    count = len(stars.v_mag)
    changes = np.stack([_changes(count, curves, visits, band) for band in BANDS], axis=2)
    return StarTruth(stars, mags, changes)


def _changes(count: int, curves: dict[int, LightCurve], visits: Visits, band: str) -> np.ndarray:
    changes = np.zeros((count, len(visits)), dtype=np.float32)
    for row, curve in curves.items():
        if not isinstance(curve, Constant):
            changes[row] = exposed_change(curve, visits.bjd, visits.exposure_s, band)
    return changes


class FlatField:
    """The error of a telescope's flat field: one smooth large-scale shape, and waves below it."""

    def __init__(self, rng: np.random.Generator, scatter: float) -> None:
        self._large = rng.normal(0.0, 4.0 * scatter, (len(BANDS), 5))
        self._waves = rng.normal(0.0, 1.0, (12, 2)) * 2.0 * np.pi / 110.0
        self._phases = rng.uniform(0.0, 2.0 * np.pi, 12)
        self._height = scatter * np.sqrt(2.0 / 12.0)

    def magnitudes(self, x: np.ndarray, y: np.ndarray, u: np.ndarray, v: np.ndarray) -> np.ndarray:
        """Compute by how many magnitudes stars at these places come out too faint, (n, 3)."""
        large = np.stack([u, v, u * u, u * v, v * v], axis=1) @ self._large.T
        angles = np.outer(x, self._waves[:, 0]) + np.outer(y, self._waves[:, 1]) + self._phases
        return np.asarray(large + self._height * np.sin(angles).sum(axis=1)[:, None])


def visit_light(
    truth: StarTruth,
    centre: tuple[float, float],
    visits: Visits,
    row: int,
    flat: FlatField,
    cloud_patches: float,
    rng: np.random.Generator,
) -> StarLight:
    """Compute the light of all stars in a visit's picture.

    Args:
        truth: the stars.
        centre: right ascension and declination of the telescopes' pointing, degrees.
        visits, row: all visits, and which of them.
        flat: the error of the telescope's flat field.
        cloud_patches: loss that differs from star to star, relative to the loss of a cloud.
        rng: for the shape of the cloud, then for scintillation.
    """
    telescope = visits.telescopes[visits.telescope[row]]
    x, y = _places(truth.stars, centre, telescope, visits.angle_deg[row], visits.shift_px[row])
    u, v = 2.0 * x / (telescope.width - 1) - 1.0, 2.0 * y / (telescope.height - 1) - 1.0
    inside = np.flatnonzero((np.abs(u) < 1.0) & (np.abs(v) < 1.0))
    x, y, u, v = x[inside], y[inside], u[inside], v[inside]
    zero_point = telescope.zero_points - visits.loss_mag[row]
    colour = truth.stars.b_minus_v[inside, None] - 0.65
    mag = truth.mags[inside] + truth.changes[inside, row]
    mag = mag - telescope.colour_terms * colour
    mag = mag + np.array([0.0, 0.0, 0.02]) * -colour * (visits.airmass[row] - 1.0)
    mag = mag + flat.magnitudes(x, y, u, v)
    mag = mag + _cloud(visits.cloud_mag[row], cloud_patches, u, v, rng)
    mag = mag + rng.normal(0.0, visits.scintillation_mag[row], len(inside))[:, None]
    flux = BAND_LIGHT * 10.0 ** (-0.4 * (mag - zero_point))
    return StarLight(inside, x, y, u, v, flux, zero_point)


def _places(
    stars: Stars, centre: tuple[float, float], telescope: Telescope, angle: float, shift: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    grid = SkyGrid(*centre, telescope.width, telescope.height, telescope.scale_arcsec, float(angle))
    x, y = grid.to_pixels(stars.ra_deg, stars.dec_deg)
    return x + shift[0], y + shift[1]


def _cloud(
    loss: float, patches: float, u: np.ndarray, v: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Compute what a cloud takes beyond its mean, (n, 1): the same in all bands."""
    slope = rng.normal(0.0, 3.0 * patches * loss, 2)
    waves, phases = rng.normal(0.0, 3.0, (6, 2)), rng.uniform(0.0, 2.0 * np.pi, 6)
    angles = np.outer(u, waves[:, 0]) + np.outer(v, waves[:, 1]) + phases
    rough = patches * loss * np.sqrt(2.0 / 6.0) * np.sin(angles).sum(axis=1)
    return np.asarray(slope[0] * u + slope[1] * v + rough)[:, None]
