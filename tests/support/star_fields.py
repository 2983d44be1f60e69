"""Star lists as a small telescope would see them, with known plates, for the solvers' tests."""

from __future__ import annotations

import math
import os
from pathlib import Path

import numpy as np

from crowdsky.solving.catalogue import CatalogueStars, StarCatalogue
from crowdsky.solving.solver import StarList
from crowdsky.solving.tan import TanWcs

INDEX_DIR = Path(os.environ.get("INDEX_DIR", "/usr/share/astrometry"))

S50_SCALE = 2.374
S50_NOMINAL_SCALE = 2.3927  # from FOCALLEN and XPIXSZ, as the headers say


def plate(
    ra: float,
    dec: float,
    turn_deg: float,
    *,
    parity: int = 1,
    scale: float = S50_SCALE,
    width: int = 1080,
    height: int = 1920,
) -> TanWcs:
    """A plate with its middle at (ra, dec), +y `turn_deg` east of north."""
    step = scale / 3600.0
    sin, cos = math.sin(math.radians(turn_deg)) * step, math.cos(math.radians(turn_deg)) * step
    return TanWcs(
        ra, dec, (width - 1) / 2, (height - 1) / 2, (parity * cos, sin, -parity * sin, cos)
    )


def partners(
    mag: np.ndarray, bp_rp: np.ndarray | None = None, mag_error: float | np.ndarray = 0.0
) -> CatalogueStars:
    """Catalogue stars of which only magnitude, colour and error matter."""
    unknown = np.full(len(mag), np.nan)
    errors = np.broadcast_to(np.asarray(mag_error, float), mag.shape)
    colour = unknown if bp_rp is None else bp_rp
    ids = np.zeros(len(mag), dtype=np.int64)
    return CatalogueStars(unknown, unknown, mag, ids, unknown, colour, errors, unknown, unknown)


def stars_on(
    wcs: TanWcs,
    catalogue: StarCatalogue,
    rng: np.random.Generator,
    *,
    width: int = 1080,
    height: int = 1920,
    blur_px: float = 0.25,
) -> StarList:
    """What a detection finds on a plate: most catalogue stars, and many the catalogue lacks.

    5 % of the catalogue stars are missed, brightnesses scatter by 0.35 mag (colours), positions by
    `blur_px`, and 60 to 180 stars fainter on average are not in the catalogue.
    """
    radius = math.hypot(width, height) / 2 * wcs.scale_arcsec / 3600
    near = catalogue.cone(wcs.ra0, wcs.dec0, radius)
    x, y = wcs.pixel(near.ra, near.dec)
    seen = (x > 0) & (x < width - 1) & (y > 0) & (y < height - 1) & (rng.random(len(x)) < 0.95)
    x = x[seen] + rng.normal(0, blur_px, seen.sum())
    y = y[seen] + rng.normal(0, blur_px, seen.sum())
    mag = near.mag[seen] + rng.normal(0, 0.35, seen.sum())
    others = int(rng.integers(60, 180))
    x = np.r_[x, rng.uniform(0, width, others)]
    y = np.r_[y, rng.uniform(0, height, others)]
    mag = np.r_[mag, np.maximum(16 - rng.exponential(1.3, others), 9)]
    return StarList.sorted(x, y, 10 ** (-0.4 * mag), width, height)


def noise(rng: np.random.Generator, *, width: int = 1080, height: int = 1920) -> StarList:
    """30 to 200 detections that are no stars."""
    count = int(rng.integers(30, 200))
    return StarList.sorted(
        rng.uniform(0, width, count),
        rng.uniform(0, height, count),
        rng.random(count),
        width,
        height,
    )


def offset(
    ra: float, dec: float, distance_deg: float, rng: np.random.Generator
) -> tuple[float, float]:
    """A place `distance_deg` away in a random direction: a hint as wrong as that."""
    angle = rng.uniform(0, 2 * math.pi)
    nearby = TanWcs(ra, dec, 0, 0, (1, 0, 0, 1))
    new_ra, new_dec = nearby.sky(distance_deg * math.cos(angle), distance_deg * math.sin(angle))
    return float(new_ra), float(new_dec)
