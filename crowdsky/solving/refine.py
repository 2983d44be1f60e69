"""Fits a proposed plate to the catalogue, and judges it by how well the two then agree.

The fit is an affine TAN plate, six numbers, through mutual nearest neighbours. Higher orders were
tried and only over-fit: with fifteen stars the leave-one-out error of a quadratic is twice that of
the affine, and of a cubic six times; on wide fields the distortion of the lens is of third order,
which needs hundreds of stars (docs/solving.md). So there are no SIP terms.

The verdict does not depend on the solver. A wrong plate puts catalogue stars at random positions;
the more of them meet a detection, the less likely is chance: a binomial tail.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crowdsky.base.arrays import FloatArray
from crowdsky.solving.catalogue import Catalogue, CatalogueStars
from crowdsky.solving.solver import StarList
from crowdsky.solving.tan import ARCSEC_PER_DEGREE, TanWcs, deproject, project

MAX_STARS = 1500
"""Number of detections and of catalogue stars used at most: enough for any fit, and still fast."""

FIRST_TOLERANCE_PX = 6.0
LAST_TOLERANCE_PX = 0.6
CLIP = 4.0
"""Distance of a pair in standard deviations above which it is a double star, or has moved since the
catalogue was made; one such pair among forty doubles the error of the whole plate."""

ROUNDS = 6
EDGE_PX = 1.0

AFFINE_MIN_STARS = 6
"""Number of pairs below which shift, rotation and scale (4 numbers) are fitted, not an affine
(6)."""

MIN_SPREAD_PX = 1.0
"""Spread in pixels that stars need. Those along a line do not determine the steps across it, and
get a fit of four numbers, too; those at one point determine nothing."""

MIN_MATCHES = 4

LEAST_CHANCE = 1e-300
"""Smallest chance, so that one which is rounded to 0 has a logarithm, too."""

ACCEPT_LOG_CHANCE = -25.0
"""Natural logarithm of the chance up to which a plate is believed (1 in 7e10).

Measured: the best agreement that the matcher ever found on noise had -22, before the tighter
tolerance of the refinement; 99 % of true plates are below -47.
"""


@dataclass(frozen=True, slots=True)
class Refined:
    """A fitted plate and the evidence for it.

    wcs             -- the plate, its tangent point in the middle of the picture
    detections      -- rows of the star list that have a catalogue partner, shape (m,)
    partners        -- rows of the partners in `catalogue`, shape (m,)
    catalogue       -- catalogue stars in and around the picture, brightest first
    n_in_picture    -- number of them inside the picture
    rms_arcsec      -- two-dimensional RMS of the matched stars; NaN without any
    log_chance      -- natural logarithm of the chance that a wrong plate agrees as well
    """

    wcs: TanWcs
    detections: NDArray[np.intp]
    partners: NDArray[np.intp]
    catalogue: CatalogueStars
    n_in_picture: int
    rms_arcsec: float
    log_chance: float

    @property
    def believed(self) -> bool:
        """Whether chance is excluded."""
        return len(self.detections) >= MIN_MATCHES and self.log_chance <= ACCEPT_LOG_CHANCE

    @property
    def doubt(self) -> str:
        """Why the plate is not believed, for people to read."""
        return (
            f"only {len(self.detections)} of {self.n_in_picture} catalogue stars meet a detected"
            f" star, which chance does too (ln p = {self.log_chance:.0f},"
            f" {ACCEPT_LOG_CHANCE:.0f} needed)"
        )


def refine(
    wcs: TanWcs, stars: StarList, catalogue: Catalogue, year: float | None = None
) -> Refined:
    """Fit `wcs` to the catalogue stars in the picture, and weigh the evidence.

    Always returns a record; `Refined.believed` tells whether to trust it. `year` is the epoch of
    the observation, for catalogues with proper motions.
    """
    wcs = wcs.moved_to((stars.width - 1) / 2.0, (stars.height - 1) / 2.0)
    half_diagonal = math.hypot(stars.width, stars.height) / 2.0 * wcs.scale_arcsec
    radius = min(90.0, half_diagonal / ARCSEC_PER_DEGREE * 1.02)
    return fit_plate(wcs, stars, catalogue.cone(wcs.ra0, wcs.dec0, radius, year))


def fit_plate(wcs: TanWcs, stars: StarList, nearby: CatalogueStars) -> Refined:
    """Fit `wcs` to catalogue stars, brightest first, and weigh the evidence; see `refine`."""
    stars = stars.brightest(MAX_STARS)
    nearby = nearby.take(slice(MAX_STARS))
    wcs = wcs.moved_to((stars.width - 1) / 2.0, (stars.height - 1) / 2.0)
    tolerance = FIRST_TOLERANCE_PX
    found, partners, distance = mutual_matches(wcs, stars, nearby, tolerance)
    for _ in range(ROUNDS):
        if len(found) < MIN_MATCHES:
            break
        wcs = _fit(wcs, stars, nearby, found, partners)
        spread = float(np.median(distance)) / 1.1774  # of one axis, from the two-dimensional median
        tolerance = min(tolerance, max(LAST_TOLERANCE_PX, CLIP * spread))
        found, partners, distance = mutual_matches(wcs, stars, nearby, tolerance)
    inside = _inside(wcs, stars, nearby)
    log_chance = _log_chance(distance, tolerance, len(stars), inside, stars.width * stars.height)
    rms = math.sqrt(float(np.mean(distance**2))) if len(found) else math.nan
    return Refined(
        wcs=wcs,
        detections=found,
        partners=partners,
        catalogue=nearby,
        n_in_picture=inside,
        rms_arcsec=rms * wcs.scale_arcsec,
        log_chance=log_chance,
    )


def mutual_matches(
    wcs: TanWcs, stars: StarList, catalogue: CatalogueStars, tolerance_px: float
) -> tuple[NDArray[np.intp], NDArray[np.intp], FloatArray]:
    """Pair stars that are each other's nearest: rows of both lists, and distances in pixels."""
    x, y = wcs.pixel(catalogue.ra, catalogue.dec)
    # Only pairs within the tolerance are looked at: all of them would fill the memory in a field
    # with thousands of stars in both lists.
    order = np.argsort(x)
    first = np.searchsorted(x[order], stars.x - tolerance_px, side="left")
    last = np.searchsorted(x[order], stars.x + tolerance_px, side="right")
    count = last - first
    rows = np.repeat(np.arange(len(stars)), count)
    place = np.arange(len(rows)) - np.repeat(np.cumsum(count) - count, count)
    partners = order[np.repeat(first, count) + place]
    distance = np.hypot(stars.x[rows] - x[partners], stars.y[rows] - y[partners])
    mutual = _first_of(rows, distance, partners) & _first_of(partners, distance, rows)
    keep = np.flatnonzero(mutual & (distance <= tolerance_px))
    keep = keep[np.argsort(rows[keep])]
    return rows[keep], partners[keep], distance[keep]


def _first_of(
    group: NDArray[np.intp], distance: FloatArray, other: NDArray[np.intp]
) -> NDArray[np.bool_]:
    """Flag the nearest pair of each group; of equal distances, that with the lowest other row."""
    order = np.lexsort((other, distance, group))
    starts = np.ones(len(order), dtype=bool)
    starts[1:] = group[order][1:] != group[order][:-1]
    nearest = np.zeros(len(order), dtype=bool)
    nearest[order[starts]] = True
    return nearest


def _fit(
    wcs: TanWcs,
    stars: StarList,
    catalogue: CatalogueStars,
    found: NDArray[np.intp],
    partners: NDArray[np.intp],
) -> TanWcs:
    """Fit a plate to the matched stars by least squares; the tangent point stays at its pixel.

    Stars that coincide leave the plate as it is.
    """
    xi, eta = project(catalogue.ra[partners], catalogue.dec[partners], wcs.ra0, wcs.dec0)
    dx, dy = stars.x[found] - wcs.x0, stars.y[found] - wcs.y0
    along, across = _spreads(dx, dy)
    if not along >= MIN_SPREAD_PX:
        return wcs
    if len(found) >= AFFINE_MIN_STARS and across >= MIN_SPREAD_PX:
        design = np.stack([np.ones_like(dx), dx, dy], axis=1)
        (shift_xi, cd11, cd12), *_ = np.linalg.lstsq(design, xi, rcond=None)
        (shift_eta, cd21, cd22), *_ = np.linalg.lstsq(design, eta, rcond=None)
    else:
        shift_xi, shift_eta, cd11, cd12, cd21, cd22 = _similarity(dx, dy, xi, eta, wcs.parity)
    ra, dec = deproject(shift_xi, shift_eta, wcs.ra0, wcs.dec0)
    cd = (float(cd11), float(cd12), float(cd21), float(cd22))
    return TanWcs(float(ra), float(dec), wcs.x0, wcs.y0, cd)


def _spreads(dx: FloatArray, dy: FloatArray) -> tuple[float, float]:
    """Compute the standard deviation of positions along their best line and across it, pixels."""
    step = (dx - dx.mean()) + 1j * (dy - dy.mean())
    both = float(np.mean(np.abs(step) ** 2))
    differs = float(abs(np.mean(step**2)))
    return math.sqrt((both + differs) / 2.0), math.sqrt(max(0.0, both - differs) / 2.0)


def _similarity(
    dx: FloatArray, dy: FloatArray, xi: FloatArray, eta: FloatArray, parity: int
) -> tuple[float, float, float, float, float, float]:
    """Fit shift, rotation and scale for a parity: (xi0, eta0, cd11, cd12, cd21, cd22)."""
    pixels = dx + 1j * parity * dy
    plane = xi + 1j * eta
    centred = pixels - pixels.mean()
    ratio = np.vdot(centred, plane - plane.mean()) / np.vdot(centred, centred)
    shift = plane.mean() - ratio * pixels.mean()
    a, b = float(ratio.real), float(ratio.imag)
    return float(shift.real), float(shift.imag), a, -parity * b, b, parity * a


def _inside(wcs: TanWcs, stars: StarList, catalogue: CatalogueStars) -> int:
    x, y = wcs.pixel(catalogue.ra, catalogue.dec)
    inside_x = (x >= -EDGE_PX) & (x <= stars.width - 1 + EDGE_PX)
    inside_y = (y >= -EDGE_PX) & (y <= stars.height - 1 + EDGE_PX)
    return int((inside_x & inside_y).sum())


def _log_chance(
    distance: FloatArray, tolerance: float, n_stars: int, n_catalogue: int, area_px: int
) -> float:
    """Return the least likely agreement of a few radii, without the stars that fix the plate."""
    spent = 3 if len(distance) >= AFFINE_MIN_STARS else 2
    best = 0.0
    for radius in (tolerance, tolerance / 2.0, tolerance / 4.0):
        hits = int((distance <= radius).sum()) - spent
        trials = n_catalogue - spent
        chance = 1.0 - math.exp(-n_stars * math.pi * radius**2 / area_px)
        best = min(best, log_binomial_tail(hits, trials, chance))
    return best


def log_binomial_tail(hits: int, trials: int, chance: float) -> float:
    """Bound ln P(at least `hits` of `trials`) from above (Chernoff); 0 if it is no surprise."""
    if trials <= 0 or hits <= 0 or chance >= 1.0:
        return 0.0
    chance = max(chance, LEAST_CHANCE)
    share = min(1.0, hits / trials)
    if share <= chance:
        return 0.0
    divergence = share * math.log(share / chance)
    if share < 1.0:
        divergence += (1.0 - share) * math.log((1.0 - share) / (1.0 - chance))
    return -trials * divergence
