"""Aperture photometry of the colour planes, the aperture sized by the curve of growth.

How a telescope spreads a star's light differs between nights and colours, so both the radius and
the share of light inside it are measured on the stack: bright, lone, unsaturated stars give the
median curve of growth out to a radius that holds everything; the aperture is the circle with 90 %
of the light, a compromise between lost light and collected noise. Fluxes are corrected to the
whole light of the star, so that one zero point holds for every aperture.

The noise of an aperture is measured too, on apertures placed on empty sky: resampling makes
neighbouring pixels alike, and adding up pixel variances would promise errors half as large.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import sep
from numpy.typing import NDArray

from crowdsky.base.arrays import BoolArray, FloatArray
from crowdsky.frames.rounding import rounding_of

ENCLOSED_LIGHT = 0.90
GROWTH_STARS = 40
MIN_GROWTH_STARS = 5
OUTER_FWHM = 5.0
OUTER_MIN_PX = 9.0
RADIUS_MIN_PX = 1.5
EMPTY_APERTURES = 600
MESH_PX = 64
LEAST_SHARE = 0.1
"""A star has more of its light in any aperture that is used: where the curve of growth of a colour
without light says less, dividing by it would make light of noise."""


@dataclass(frozen=True, slots=True)
class Plane:
    """One colour plane without its sky.

    data      -- float32 (height, width), sky subtracted
    sky       -- median sky level over the covered pixels, ADU
    sky_rms   -- typical noise of a sky pixel, ADU
    mesh      -- the sky as fitted, float32 (height, width)
    """

    data: NDArray[np.float32]
    sky: float
    sky_rms: float
    mesh: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Growth:
    """How a plane gathers the light of its stars.

    radii, share   -- curve of growth: pixels, and the share of light within
    fwhm_px        -- median full width at half maximum
    n_stars        -- stars behind the curve; 0 means a Gaussian stands in for it
    """

    radii: FloatArray
    share: FloatArray
    fwhm_px: float
    n_stars: int

    @property
    def aperture_px(self) -> float:
        """Radius of the circle that holds 90 % of the light."""
        radius = float(np.interp(ENCLOSED_LIGHT, self.share, self.radii))
        return max(RADIUS_MIN_PX, radius)

    def share_within(self, radius_px: float) -> float:
        """The share of light within a radius, at least LEAST_SHARE."""
        return max(LEAST_SHARE, float(np.interp(radius_px, self.radii, self.share)))


@dataclass(frozen=True, slots=True)
class PlanePhotometry:
    """Fluxes of all stars in one plane, corrected to their whole light; ADU.

    noise   -- what an empty aperture scatters, corrected likewise: the error of a faint star
    edge    -- stars whose aperture reaches over the picture's or the footprint's edge
    """

    flux: FloatArray
    error: FloatArray
    edge: BoolArray
    noise: float
    aperture_px: float


def subtract_sky(plane: NDArray[np.float32], uncovered: BoolArray) -> Plane:
    """Fit and subtract the sky in meshes of 64 pixels; uncovered pixels become 0."""
    contiguous = np.ascontiguousarray(plane, dtype=np.float32)
    background = sep.Background(contiguous, mask=uncovered, bw=MESH_PX, bh=MESH_PX)
    mesh = background.back()
    data = np.where(uncovered, np.float32(0.0), contiguous - mesh)
    covered = mesh[~uncovered]
    sky = float(np.median(covered)) if covered.size else math.nan
    return Plane(data, sky, float(background.globalrms), mesh)


def lone_bright_stars(
    stars: np.ndarray, good: BoolArray, shape: tuple[int, int], reach_px: float
) -> NDArray[np.intp]:
    """Rows of the brightest stars without a neighbour that matters within `reach_px`.

    A neighbour matters from one per cent of the star's flux on. `good` rules out stars that are
    saturated, double or galaxies.
    """
    height, width = shape
    x, y, flux = stars["x"], stars["y"], stars["flux"]
    inside = (x > reach_px) & (x < width - reach_px) & (y > reach_px) & (y < height - reach_px)
    rows: NDArray[np.intp] = np.flatnonzero(good & inside)[: 6 * GROWTH_STARS]
    near = (x[rows, None] - x[None, :]) ** 2 + (y[rows, None] - y[None, :]) ** 2 < reach_px**2
    near &= flux[None, :] > 0.01 * flux[rows, None]
    lone = near.sum(axis=1) == 1  # each star is its own neighbour
    return np.asarray(rows[lone][:GROWTH_STARS])


def curve_of_growth(plane: Plane, stars: np.ndarray, rows: NDArray[np.intp]) -> Growth:
    """The median curve of growth of the stars at `rows`; a Gaussian's when they are too few."""
    guess = moment_fwhm(stars[rows] if len(rows) else stars)
    outer = max(OUTER_MIN_PX, OUTER_FWHM * guess)
    radii = np.linspace(0.0, outer, 41)
    if len(rows) < MIN_GROWTH_STARS:
        sigma = guess / 2.3548
        return Growth(radii, 1.0 - np.exp(-0.5 * (radii / sigma) ** 2), guess, 0)
    x, y = stars["x"][rows], stars["y"][rows]
    sums = np.stack([sep.sum_circle(plane.data, x, y, r, subpix=0)[0] for r in radii[1:]], axis=1)
    usable = np.isfinite(sums).all(axis=1) & (sums[:, -1] > 0)
    if usable.sum() < MIN_GROWTH_STARS:
        return curve_of_growth(plane, stars, rows[:0])
    curves = sums[usable] / sums[usable, -1:]
    median = np.concatenate([[0.0], np.median(curves, axis=0)])
    share = np.minimum.accumulate(np.maximum.accumulate(median)[::-1])[::-1]
    return Growth(radii, share, _half_maximum_width(radii, share), int(usable.sum()))


def _half_maximum_width(radii: FloatArray, share: FloatArray) -> float:
    """FWHM from a curve of growth: twice the radius that holds half the light.

    Exact for a Gaussian. A Moffat profile of exponent 3 reads 2 % too wide, one of 2.5 6 %.
    """
    return 2.0 * float(np.interp(0.5, share, radii))


def moment_fwhm(stars: np.ndarray) -> float:
    """A first guess of the FWHM from second moments, pixels; 3 without stars."""
    if len(stars) == 0:
        return 3.0
    size = np.sqrt((stars["a"] ** 2 + stars["b"] ** 2) / 2.0)
    return float(min(20.0, max(1.5, 2.3548 * np.median(size))))


def star_fwhm(plane: Plane, stars: np.ndarray, aperture_px: float) -> FloatArray:
    """FWHM of every star in pixels, from its half-light radius within twice the aperture."""
    reach = np.full(len(stars), 2.0 * aperture_px)
    radius, flag = sep.flux_radius(plane.data, stars["x"], stars["y"], reach, 0.5, subpix=5)
    return np.where(flag == 0, 2.0 * radius, np.nan)


def measure_plane(
    plane: Plane,
    stars: np.ndarray,
    growth: Growth,
    uncovered: BoolArray,
    aperture_px: float,
    electrons_per_adu: float | None,
) -> PlanePhotometry:
    """Fluxes and errors of all stars in an aperture of `aperture_px`.

    `electrons_per_adu` adds the photon noise of the star itself (for the mean of n subs, n times
    the camera's gain); without it errors hold for stars no brighter than the sky.
    """
    raw, _, flag = sep.sum_circle(
        plane.data, stars["x"], stars["y"], aperture_px, mask=uncovered, subpix=0
    )
    share = growth.share_within(aperture_px)
    noise = _empty_aperture_noise(plane, stars, uncovered, aperture_px)
    variance = np.full(len(stars), noise**2)
    if electrons_per_adu:
        variance += np.maximum(raw, 0.0) / electrons_per_adu
    edge = (flag & (sep.APER_TRUNC | sep.APER_HASMASKED)) != 0
    return PlanePhotometry(raw / share, np.sqrt(variance) / share, edge, noise / share, aperture_px)


def _empty_aperture_noise(
    plane: Plane, stars: np.ndarray, uncovered: BoolArray, aperture_px: float
) -> float:
    """Robust scatter of the sums in apertures on a grid of places without stars."""
    height, width = plane.data.shape
    step = max(2.0 * aperture_px + 1.0, math.sqrt(height * width / EMPTY_APERTURES))
    x, y = (axis.ravel() for axis in np.meshgrid(
        np.arange(step, width - step, step), np.arange(step, height - step, step)))  # fmt: skip
    reach = aperture_px + 3.0 * np.maximum(stars["a"], 1.5)
    # One pass over the stars instead of a matrix of all distances: crowded fields have thousands.
    free = np.ones(len(x), dtype=bool)
    for star_x, star_y, star_reach in zip(stars["x"], stars["y"], reach, strict=True):
        free &= (x - star_x) ** 2 + (y - star_y) ** 2 > star_reach**2
    sums, _, flag = sep.sum_circle(
        plane.data, x[free], y[free], aperture_px, mask=uncovered, subpix=0
    )
    sums = sums[flag == 0]
    # A plane without noise is known to the rounding of its sky, not better.
    of_pixel = max(plane.sky_rms, rounding_of(plane.sky), rounding_of(1.0))
    per_pixel = of_pixel * math.sqrt(math.pi) * aperture_px
    if len(sums) < 20:
        return per_pixel
    return max(1.4826 * float(np.median(np.abs(sums - np.median(sums)))), 0.5 * per_pixel)
