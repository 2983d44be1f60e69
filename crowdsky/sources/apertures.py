"""Aperture photometry of the colour planes, the aperture sized by the curve of growth.

The point spread function differs between nights and colours, so both the radius and the share of
light inside it are measured on the stack: bright, isolated, unsaturated stars give the median curve
of growth out to a radius that encloses all their light. The aperture is the circle with 90 % of the
light, a compromise between lost light and collected noise. Fluxes are corrected to the total light
of the star, so that one zero point holds for every aperture.

Resampling correlates neighbouring pixels, and adding up their variances would give errors half as
large as they are. So where a stack knows the variance of its pixels, it also knows by how much to
multiply the sum; elsewhere the noise of an aperture is measured on empty sky.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import sep
from numpy.typing import NDArray

from crowdsky.base.arrays import BoolArray, FloatArray
from crowdsky.frames.rounding import rounding_of
from crowdsky.sources.background import measure_background

ENCLOSED_LIGHT = 0.90
GROWTH_STARS = 40
MIN_GROWTH_STARS = 5
OUTER_FWHM = 5.0
OUTER_MIN_PX = 9.0
RADIUS_MIN_PX = 1.5
EMPTY_APERTURES = 600
MESH_PX = 64
LEAST_SHARE = 0.1
"""Share of light within an aperture that is assumed at least. Stars have more in every aperture in
use; the curve of growth of a colour without light may say less, and dividing by it would turn noise
into light."""


@dataclass(frozen=True, slots=True)
class Plane:
    """One colour plane without its sky.

    data      -- float32 (height, width), sky subtracted, ADU; 0 where uncovered
    sky       -- median sky level over the covered pixels, ADU; NaN if there are none
    sky_rms   -- typical noise of a sky pixel, ADU
    mesh      -- the fitted sky, float32 (height, width), ADU
    """

    data: NDArray[np.float32]
    sky: float
    sky_rms: float
    mesh: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class VarianceMap:
    """The variance of a plane's pixels.

    pixels      -- float32 (height, width), ADU squared, 0 where uncovered
    of_sums     -- variance of an aperture sum over the sum of `pixels`
    """

    pixels: NDArray[np.float32]
    of_sums: float


@dataclass(frozen=True, slots=True)
class Growth:
    """How the light of a star grows with the radius of the aperture.

    radii, share   -- curve of growth: radii in pixels, and the share of light within them, (41,)
    fwhm_px        -- median full width at half maximum, pixels
    n_stars        -- number of stars behind the curve; 0 means that it is a Gaussian's
    """

    radii: FloatArray
    share: FloatArray
    fwhm_px: float
    n_stars: int

    @property
    def aperture_px(self) -> float:
        """Radius in pixels of the circle that holds 90 % of the light."""
        radius = float(np.interp(ENCLOSED_LIGHT, self.share, self.radii))
        return max(RADIUS_MIN_PX, radius)

    def share_within(self, radius_px: float) -> float:
        """Return the share of light within a radius, at least LEAST_SHARE."""
        return max(LEAST_SHARE, float(np.interp(radius_px, self.radii, self.share)))


@dataclass(frozen=True, slots=True)
class PlanePhotometry:
    """Fluxes of all stars in one plane, corrected to their total light.

    flux, error -- of each star, ADU, (n,)
    edge        -- bool (n,), whether the aperture crosses the edge of the picture or the footprint
    noise       -- scatter of empty apertures, corrected likewise, ADU: the error of a faint star
    aperture_px -- radius of the aperture, pixels
    """

    flux: FloatArray
    error: FloatArray
    edge: BoolArray
    noise: float
    aperture_px: float


def subtract_sky(plane: NDArray[np.float32], uncovered: BoolArray) -> Plane:
    """Fit the sky in meshes of 64 pixels and subtract it; uncovered pixels become 0.

    ``plane`` is (height, width) in ADU, ``uncovered`` a mask of the same shape.
    """
    contiguous = np.ascontiguousarray(plane, dtype=np.float32)
    background = measure_background(contiguous, uncovered, MESH_PX)
    mesh = background.sky_map()
    data = np.where(uncovered, np.float32(0.0), contiguous - mesh)
    covered = mesh[~uncovered]
    sky = float(np.median(covered)) if covered.size else math.nan
    return Plane(data, sky, background.rms, mesh)


def lone_bright_stars(
    stars: np.ndarray, good: BoolArray, shape: tuple[int, int], reach_px: float
) -> NDArray[np.intp]:
    """Select the brightest stars that have no neighbour within `reach_px`; returns their rows.

    A neighbour counts if it has one per cent of the star's flux. `good` excludes saturated stars,
    doubles and galaxies; `shape` is (height, width) of the picture.
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
    """Measure the median curve of growth of the stars at `rows`; a Gaussian's if too few."""
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
    """Derive the FWHM from a curve of growth: twice the radius that holds half the light.

    Exact for a Gaussian. Wings make it wider: by 26 % for a Moffat profile of exponent 3, by 36 %
    for one of 2.5, so that it compares pictures, and is not the width that a fit would give.
    """
    return 2.0 * float(np.interp(0.5, share, radii))


def moment_fwhm(stars: np.ndarray) -> float:
    """Estimate the FWHM in pixels from the second moments; 3 without stars."""
    if len(stars) == 0:
        return 3.0
    size = np.sqrt((stars["a"] ** 2 + stars["b"] ** 2) / 2.0)
    return float(min(20.0, max(1.5, 2.3548 * np.median(size))))


def median_ellipticity(plane: Plane, stars: np.ndarray, fwhm_px: float) -> float:
    """Measure how elongated stars are: the median of 1 - b/a; NaN without a star.

    From second moments weighted by a Gaussian of the stars' own width, which keeps noise and
    neighbours out; its share is taken out again (Bernstein & Jarvis 2002, AJ 123, 583, section 3).
    """
    width = fwhm_px / 2.3548
    reach = math.ceil(3.0 * width)
    found = [
        _ellipticity(plane.data, x, y, width, reach)
        for x, y in zip(stars["x"], stars["y"], strict=True)
    ]
    known = [value for value in found if math.isfinite(value)]
    return float(np.median(known)) if known else math.nan


def _ellipticity(data: NDArray[np.float32], x: float, y: float, width: float, reach: int) -> float:
    """Return 1 - b/a of the star at (x, y); NaN at the edge, or where its light is not peaked."""
    column, row = round(float(x)), round(float(y))
    if min(column, row) < reach or row + reach >= len(data) or column + reach >= data.shape[1]:
        return math.nan
    box = data[row - reach : row + reach + 1, column - reach : column + reach + 1]
    dy, dx = np.mgrid[-reach : reach + 1, -reach : reach + 1].astype(np.float64)
    dx, dy = dx - (x - column), dy - (y - row)
    for _ in range(3):  # the weight is centred on the light
        light = box * np.exp(-0.5 * (dx**2 + dy**2) / width**2)
        total = float(light.sum())
        if not total > 0.0:
            return math.nan
        off_x, off_y = float((light * dx).sum()) / total, float((light * dy).sum()) / total
        dx, dy = dx - 2.0 * off_x, dy - 2.0 * off_y
    light = box * np.exp(-0.5 * (dx**2 + dy**2) / width**2)
    total = float(light.sum())
    xx, yy, xy = (float((light * term).sum()) / total for term in (dx * dx, dy * dy, dx * dy))
    weighted = np.linalg.eigvalsh(np.array([[xx, xy], [xy, yy]]))
    if not weighted[0] > 0.0:
        return math.nan
    inverse = 1.0 / weighted - 1.0 / width**2
    return float(1.0 - math.sqrt(inverse[1] / inverse[0])) if inverse.min() > 0.0 else math.nan


def star_fwhm(plane: Plane, stars: np.ndarray, aperture_px: float) -> FloatArray:
    """Measure the FWHM of every star in pixels: twice its half-light radius within two apertures.

    NaN for a star at the edge of the picture.
    """
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
    variances: VarianceMap | None = None,
) -> PlanePhotometry:
    """Measure fluxes and errors of all stars in an aperture of radius `aperture_px`.

    Errors come from `variances`, which has the noise of the stars' own light, too. Without it they
    are the scatter of empty apertures; then `electrons_per_adu` adds the photon noise of the star,
    for the mean of n subs n times the camera's gain. Without both the errors hold for stars no
    brighter than the sky.
    """
    raw, _, flag = sep.sum_circle(
        plane.data, stars["x"], stars["y"], aperture_px, mask=uncovered, subpix=0
    )
    share = growth.share_within(aperture_px)
    noise = _empty_aperture_noise(plane, stars, uncovered, aperture_px)
    variance = np.full(len(stars), noise**2)
    if variances is not None:
        sums, _, _ = sep.sum_circle(
            variances.pixels, stars["x"], stars["y"], aperture_px, mask=uncovered, subpix=0
        )
        variance = np.maximum(variances.of_sums * sums, _rounding_noise(plane, aperture_px) ** 2)
    elif electrons_per_adu:
        variance += np.maximum(raw, 0.0) / electrons_per_adu
    edge = (flag & (sep.APER_TRUNC | sep.APER_HASMASKED)) != 0
    return PlanePhotometry(raw / share, np.sqrt(variance) / share, edge, noise / share, aperture_px)


def _empty_aperture_noise(
    plane: Plane, stars: np.ndarray, uncovered: BoolArray, aperture_px: float
) -> float:
    """Measure the robust scatter of sums in apertures on a grid of positions without stars."""
    height, width = plane.data.shape
    step = max(2.0 * aperture_px + 1.0, math.sqrt(height * width / EMPTY_APERTURES))
    x, y = (axis.ravel() for axis in np.meshgrid(
        np.arange(step, width - step, step), np.arange(step, height - step, step)))  # fmt: skip
    reach = aperture_px + 3.0 * np.maximum(stars["a"], 1.5)
    # A loop over the stars instead of a matrix of all distances: crowded fields have thousands.
    free = np.ones(len(x), dtype=bool)
    for star_x, star_y, star_reach in zip(stars["x"], stars["y"], reach, strict=True):
        free &= (x - star_x) ** 2 + (y - star_y) ** 2 > star_reach**2
    sums, _, flag = sep.sum_circle(
        plane.data, x[free], y[free], aperture_px, mask=uncovered, subpix=0
    )
    sums = sums[flag == 0]
    per_pixel = max(
        plane.sky_rms * math.sqrt(math.pi) * aperture_px, _rounding_noise(plane, aperture_px)
    )
    if len(sums) < 20:
        return per_pixel
    return max(1.4826 * float(np.median(np.abs(sums - np.median(sums)))), 0.5 * per_pixel)


def _rounding_noise(plane: Plane, aperture_px: float) -> float:
    """Return the noise of an aperture of a plane without noise: the rounding of its sky, ADU."""
    of_pixel = max(rounding_of(plane.sky), rounding_of(1.0))
    return of_pixel * math.sqrt(math.pi) * aperture_px
