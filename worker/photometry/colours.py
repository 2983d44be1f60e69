"""Photometry of all stars in all colour planes of a stack."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from worker.photometry import apertures
from worker.photometry.apertures import BoolArray, Growth, Plane, PlanePhotometry
from worker.photometry.star_table import StarShapes, find_blends

SATURATED_ADU = 0.95 * 65535
ROUND_AXIS_RATIO = 0.6
"""Less round sources are galaxies or doubles and shape no curve of growth."""


@dataclass(frozen=True, slots=True)
class ColourPhotometry:
    """Planes without sky, how they gather light, the fluxes, and the shapes; red, green, blue."""

    planes: tuple[Plane, ...]
    growths: tuple[Growth, ...]
    fluxes: tuple[PlanePhotometry, ...]
    shapes: StarShapes


def measure_colours(
    cube: NDArray[np.float32],
    mean: Plane,
    uncovered: BoolArray,
    sources: np.ndarray,
    electrons_per_adu: float | None,
) -> ColourPhotometry:
    """Measure every source in every plane, in one aperture sized on the mean of the planes.

    Args:
        cube: float32 (3, height, width), ADU with sky.
        mean: the mean of its planes, without sky.
        uncovered: pixels to leave out.
        sources: rows of `sep.extract`, brightest first.
        electrons_per_adu: of a stack pixel, or None if not known.
    """
    planes = tuple(apertures.subtract_sky(plane, uncovered) for plane in cube)
    saturated = _saturated(cube, sources)
    model = _growth_stars(sources, saturated, uncovered.shape)
    mean_growth = apertures.curve_of_growth(mean, sources, model)
    aperture = mean_growth.aperture_px
    growths = tuple(apertures.curve_of_growth(plane, sources, model) for plane in planes)
    fluxes = tuple(
        apertures.measure_plane(plane, sources, growth, uncovered, aperture, electrons_per_adu)
        for plane, growth in zip(planes, growths, strict=True)
    )
    # The mean of the planes gathers the photons of all three.
    gathered = electrons_per_adu * len(planes) if electrons_per_adu else None
    whole = apertures.measure_plane(mean, sources, mean_growth, uncovered, aperture, gathered)
    shapes = StarShapes(
        fwhm_px=apertures.star_fwhm(mean, sources, aperture),
        snr=whole.flux / whole.error,
        saturated=saturated,
        blended=find_blends(sources, 2.0 * aperture),
    )
    return ColourPhotometry(planes, growths, fluxes, shapes)


def _saturated(cube: NDArray[np.float32], sources: np.ndarray) -> BoolArray:
    """Sources with a pixel near the end of the scale, in any plane, near their peak."""
    height, width = cube.shape[1:]
    top = cube.max(axis=0)
    saturated = np.zeros(len(sources), dtype=bool)
    for row, (x, y) in enumerate(zip(sources["xpeak"], sources["ypeak"], strict=True)):
        box = top[max(0, y - 2) : min(height, y + 3), max(0, x - 2) : min(width, x + 3)]
        saturated[row] = bool((box >= SATURATED_ADU).any())
    return saturated


def _growth_stars(
    sources: np.ndarray, saturated: BoolArray, shape: tuple[int, ...]
) -> NDArray[np.intp]:
    """Bright, round, lone, unsaturated stars; the reach follows from their own size."""
    ratio = sources["b"] / np.maximum(sources["a"], 1e-6)
    good = ~saturated & (ratio >= ROUND_AXIS_RATIO) & ((sources["flag"] & 2) == 0)
    size = np.median(sources["a"][good][:100]) if good.any() else 1.5
    good &= sources["a"] < 3.0 * size
    reach = max(apertures.OUTER_MIN_PX, 2.3548 * float(size) * apertures.OUTER_FWHM) * 1.2
    return apertures.lone_bright_stars(sources, good, (shape[0], shape[1]), reach)
