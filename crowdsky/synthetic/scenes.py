"""Scenes for ``crowdsky.synthetic.sky``: stars, galaxies and nebulae on the sky.

Bright stars are real (positions and V_T magnitudes of Tycho-2) if an index file is installed, so
that a plate solver finds the field. Stars below the limit of Tycho-2, all colours, and the fine
structure of galaxies are invented: random, but with realistic statistics.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from crowdsky.synthetic.geometry import plane_to_sky
from crowdsky.synthetic.tycho import find_index, stars_near

TYCHO_COMPLETE_MAG = 11.5
DEFAULT_INDEX_DIR = Path("/usr/share/astrometry")


@dataclass(frozen=True, slots=True)
class Stars:
    """Stars of a field: J2000 degrees, V magnitude and B-V colour, shape (n,) each."""

    ra_deg: np.ndarray
    dec_deg: np.ndarray
    v_mag: np.ndarray
    b_minus_v: np.ndarray

    def flux(self, zero_point_mag: float) -> np.ndarray:
        """Compute the light of each star in ADU per exposure, (n, 3): red, green, blue."""
        green = 10.0 ** (0.4 * (zero_point_mag - self.v_mag))
        redness = self.b_minus_v - 0.65
        red = 0.78 * green * 10.0 ** (0.4 * 0.6 * redness)
        blue = 0.72 * green * 10.0 ** (-0.4 * 0.8 * redness)
        return np.stack([red, green, blue], axis=1)


@dataclass(frozen=True, slots=True)
class Glow:
    """The bulge or disc of a galaxy, or a nebula: an elliptical Sersic profile."""

    ra_deg: float
    dec_deg: float
    v_mag: float
    """Total magnitude."""
    radius_arcsec: float
    """Radius along the major axis that contains half of the light."""
    axis_ratio: float = 1.0
    position_angle_deg: float = 0.0
    """Position angle of the major axis, from north to east."""
    sersic: float = 1.0
    colour: tuple[float, float, float] = (0.8, 1.0, 0.7)
    """Light in red, green and blue relative to green."""
    arms: int = 0
    pitch_deg: float = 15.0
    contrast: float = 0.0
    """Contrast of the spiral arms, or of the wisps of a nebula without arms; 0..1."""

    def share_at_radius(self) -> float:
        """Compute the surface brightness at the half-light radius, which normalises the profile.

        It is a share of the total light per (half-light radius) squared.
        """
        b = 2.0 * self.sersic - 1.0 / 3.0
        integral = math.exp(b) * b ** (-2.0 * self.sersic) * math.gamma(2.0 * self.sersic)
        return float(1.0 / (2.0 * math.pi * self.axis_ratio * self.sersic * integral))


@dataclass(frozen=True, slots=True)
class Scene:
    """A target with its surroundings; degrees, J2000."""

    name: str
    ra_deg: float
    dec_deg: float
    stars: Stars
    glows: tuple[Glow, ...] = ()


def random_stars(
    ra_deg: float,
    dec_deg: float,
    radius_deg: float,
    stars_per_sq_deg: float,
    rng: np.random.Generator,
    brightest: float = 8.0,
    faintest: float = 17.0,
) -> Stars:
    """Draw random stars around a position, ``stars_per_sq_deg`` of them brighter than magnitude 15.

    Their number grows 2.2-fold per magnitude, as at intermediate galactic latitudes.
    """
    slope = np.log(2.2)
    area = (2.0 * radius_deg) ** 2
    share = np.exp(slope * (faintest - 15.0)) - np.exp(slope * (brightest - 15.0))
    count = rng.poisson(stars_per_sq_deg * area * share)
    low, high = np.exp(slope * brightest), np.exp(slope * faintest)
    v_mag = np.log(rng.uniform(low, high, count)) / slope
    east, north = rng.uniform(-radius_deg, radius_deg, (2, count))
    ra, dec = plane_to_sky(east, north, ra_deg, dec_deg)
    return Stars(ra, dec, v_mag, _random_colours(count, rng))


def star_field(
    name: str,
    ra_deg: float,
    dec_deg: float,
    rng: np.random.Generator,
    *,
    radius_deg: float = 1.0,
    stars_per_sq_deg: float = 260.0,
    glows: tuple[Glow, ...] = (),
    index_dir: Path | None = DEFAULT_INDEX_DIR,
) -> Scene:
    """Make a field of real bright stars if a Tycho-2 index is installed, else of random ones.

    Fainter stars are random in any case. With ``index_dir`` None all stars are random, so that a
    test has the same sky on every machine.
    """
    index = find_index(index_dir) if index_dir is not None else None
    if index is None:
        stars = random_stars(ra_deg, dec_deg, radius_deg, stars_per_sq_deg, rng)
        return Scene(name, ra_deg, dec_deg, stars, glows)
    tycho = stars_near(index, ra_deg, dec_deg, radius_deg * np.sqrt(2.0))
    faint = random_stars(
        ra_deg, dec_deg, radius_deg, stars_per_sq_deg, rng, brightest=TYCHO_COMPLETE_MAG
    )
    stars = Stars(
        ra_deg=np.concatenate([tycho.ra_deg, faint.ra_deg]),
        dec_deg=np.concatenate([tycho.dec_deg, faint.dec_deg]),
        v_mag=np.concatenate([tycho.v_mag, faint.v_mag]),
        b_minus_v=np.concatenate([_random_colours(len(tycho.v_mag), rng), faint.b_minus_v]),
    )
    return Scene(name, ra_deg, dec_deg, stars, glows)


def spiral_galaxy(rng: np.random.Generator, index_dir: Path | None = DEFAULT_INDEX_DIR) -> Scene:
    """Make M 81 among its real stars: a warm bulge in a bluer disc with two arms."""
    ra, dec = 148.8882, 69.0653
    warm, blue = (0.92, 1.0, 0.55), (0.70, 1.0, 0.92)
    disc = Glow(ra, dec, 7.2, 330.0, 0.52, 157.0, 1.0, blue, arms=2, pitch_deg=14.0, contrast=0.55)
    bulge = Glow(ra, dec, 8.0, 75.0, 0.7, 157.0, 2.2, warm)
    return star_field("M 81", ra, dec, rng, glows=(disc, bulge), index_dir=index_dir)


def reflection_nebula(
    rng: np.random.Generator, index_dir: Path | None = DEFAULT_INDEX_DIR
) -> Scene:
    """Make NGC 7023, the Iris nebula, in the rich star field of Cepheus: a blue glow with wisps."""
    ra, dec = 315.4042, 68.1633
    blue = (0.55, 1.0, 1.15)
    petals = Glow(ra, dec, 7.9, 260.0, 0.85, 60.0, 0.8, blue, contrast=0.5)
    heart = Glow(ra, dec, 9.0, 60.0, 0.9, 20.0, 1.2, blue, contrast=0.2)
    return star_field(
        "NGC 7023", ra, dec, rng, stars_per_sq_deg=900.0, glows=(petals, heart),
        index_dir=index_dir,
    )  # fmt: skip


def _random_colours(count: int, rng: np.random.Generator) -> np.ndarray:
    """Draw B-V of ordinary field stars."""
    return np.clip(rng.normal(0.75, 0.35, count), -0.2, 1.9)
