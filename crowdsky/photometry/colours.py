"""Measures all stars in all colour planes of a stack."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from crowdsky.base.arrays import BoolArray
from crowdsky.base.attempts import Attempts
from crowdsky.photometry.star_table import StarShapes, find_blends
from crowdsky.sources import apertures
from crowdsky.sources.apertures import Growth, Plane, PlanePhotometry, VarianceMap

COLOUR_NAMES = ("red", "green", "blue")
DEFAULT_SATURATED_ADU = 0.95 * 65535
"""Level from which a pixel is saturated in stacks that do not say it: older ones, of 16 bits."""
ROUND_AXIS_RATIO = 0.6
"""Ratio of the axes from which a source is round enough for the curve of growth; others are
galaxies or doubles."""


@dataclass(frozen=True, slots=True)
class MeasuredPlane:
    """A plane without its sky, its curve of growth, and the fluxes of all stars in it.

    ``ellipticity`` is the median 1 - b/a of the stars behind the curve; NaN without any.
    """

    plane: Plane
    growth: Growth
    flux: PlanePhotometry
    ellipticity: float


@dataclass(frozen=True, slots=True)
class ColourPhotometry:
    """The planes red, green and blue, and the shapes; None for what could not be measured."""

    planes: tuple[MeasuredPlane | None, ...]
    shapes: StarShapes | None


def measure_colours(
    attempt: Attempts,
    cube: NDArray[np.float32],
    mean: Plane | None,
    uncovered: BoolArray,
    sources: np.ndarray,
    electrons_per_adu: float | None,
    saturated_adu: float = DEFAULT_SATURATED_ADU,
    variances: tuple[VarianceMap, ...] | None = None,
) -> ColourPhotometry:
    """Measure every source in every plane, in one aperture sized on the mean of the planes.

    Args:
        attempt: runs each step on its own, so that one plane may fail without the others.
        cube: float32 (3, height, width), ADU with sky.
        mean: the mean of its planes, without sky; None if that failed, and then no plane can be
            measured.
        uncovered: bool (height, width), pixels to leave out.
        sources: rows of `sep.extract`, brightest first.
        electrons_per_adu: gain of a stack pixel, or None if not known.
        saturated_adu: level from which a pixel of the cube is saturated.
        variances: of the planes; None if not known, and then empty apertures give the noise.
    """
    aperture = None
    if mean is not None:
        aperture = attempt(
            "aperture for the stars", lambda: _aperture(cube, mean, sources, saturated_adu)
        )
    if mean is None or aperture is None:
        return ColourPhotometry((None,) * len(cube), None)

    def measure(data: NDArray[np.float32], variance: VarianceMap | None) -> MeasuredPlane:
        plane = apertures.subtract_sky(data, uncovered)
        growth = apertures.curve_of_growth(plane, sources, aperture.model)
        flux = apertures.measure_plane(
            plane, sources, growth, uncovered, aperture.radius_px, electrons_per_adu, variance
        )
        elongated = apertures.median_ellipticity(plane, sources[aperture.model], growth.fwhm_px)
        return MeasuredPlane(plane, growth, flux, elongated)

    def shapes() -> StarShapes:
        # The mean of the planes has the photons of all three.
        gathered = electrons_per_adu * len(cube) if electrons_per_adu else None
        whole = apertures.measure_plane(
            mean, sources, aperture.growth, uncovered, aperture.radius_px, gathered,
            _of_mean(variances),
        )  # fmt: skip
        return StarShapes(
            fwhm_px=apertures.star_fwhm(mean, sources, aperture.radius_px),
            snr=whole.flux / whole.error,
            saturated=aperture.saturated,
            blended=find_blends(sources, 2.0 * aperture.radius_px),
        )

    planes = tuple(
        attempt(f"photometry in {name}", partial(measure, data, variance))
        for name, data, variance in zip(
            COLOUR_NAMES, cube, variances or (None,) * len(cube), strict=True
        )
    )
    return ColourPhotometry(planes, attempt("shapes and flags of the stars", shapes))


def _of_mean(variances: tuple[VarianceMap, ...] | None) -> VarianceMap | None:
    """Return the variance of the mean of the planes, whose apertures see different raw pixels."""
    if variances is None:
        return None
    share = 1.0 / len(variances) ** 2
    first = variances[0].pixels
    if all(variance.pixels is first for variance in variances):
        return VarianceMap(first, share * sum(variance.of_sums for variance in variances))
    whole = sum(variance.of_sums * variance.pixels for variance in variances)
    return VarianceMap(np.asarray(whole, np.float32), share)


@dataclass(frozen=True, slots=True)
class _Aperture:
    """The stars behind the curve of growth, that of the mean, and the radius that it gives."""

    saturated: BoolArray
    model: NDArray[np.intp]
    growth: Growth

    @property
    def radius_px(self) -> float:
        return self.growth.aperture_px


def _aperture(
    cube: NDArray[np.float32], mean: Plane, sources: np.ndarray, saturated_adu: float
) -> _Aperture:
    saturated = saturated_sources(cube, sources, saturated_adu)
    model = _growth_stars(sources, saturated, cube.shape[1:])
    return _Aperture(saturated, model, apertures.curve_of_growth(mean, sources, model))


def saturated_sources(
    cube: NDArray[np.float32], sources: np.ndarray, saturated_adu: float
) -> BoolArray:
    """Find sources with a saturated pixel, in any plane, near their peak."""
    height, width = cube.shape[1:]
    top = cube.max(axis=0)
    saturated = np.zeros(len(sources), dtype=bool)
    for row, (x, y) in enumerate(zip(sources["xpeak"], sources["ypeak"], strict=True)):
        box = top[max(0, y - 2) : min(height, y + 3), max(0, x - 2) : min(width, x + 3)]
        saturated[row] = bool((box >= saturated_adu).any())
    return saturated


def _growth_stars(
    sources: np.ndarray, saturated: BoolArray, shape: tuple[int, ...]
) -> NDArray[np.intp]:
    """Select bright, round, isolated, unsaturated stars; the distance depends on their size."""
    ratio = sources["b"] / np.maximum(sources["a"], 1e-6)
    good = ~saturated & (ratio >= ROUND_AXIS_RATIO) & ((sources["flag"] & 2) == 0)
    size = np.median(sources["a"][good][:100]) if good.any() else 1.5
    good &= sources["a"] < 3.0 * size
    reach = max(apertures.OUTER_MIN_PX, 2.3548 * float(size) * apertures.OUTER_FWHM) * 1.2
    return apertures.lone_bright_stars(sources, good, (shape[0], shape[1]), reach)
