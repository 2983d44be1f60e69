"""Measures one frame: its stars with accurate positions, its sky and its noise."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

import numpy as np

from crowdsky.base.arrays import Scratch, median_of
from crowdsky.stacking.kernels.frame import (
    MOST_SIGMA_PX,
    bin_above_sky,
    cell_noise,
    measure_stars,
    mesh_levels,
)
from crowdsky.stacking.kernels.sources import Sources, TooManySourcesError, find_sources
from crowdsky.stacking.registration.growth import whole_light
from crowdsky.stacking.registration.saturation import end_of_scale

THRESHOLD_SIGMA = 5.0
"""Detection threshold in sigma of the grey picture; lower ones only add peaks of the noise."""
MIN_AREA_PX = 4
MAX_STARS = 300
"""Number of stars of a frame, the brightest, that are measured: enough for any fit, and fast."""
CLIPPED_SHARE = 0.885
"""Share of the end of the scale from which a star counts as clipped, which spoils its centroid:
58000 ADU of 65535, because some sensors clip a little below it."""
FEW_STARS = 12
"""Number of stars from which an alignment can do without clipped ones."""
NOISE_ROWS = 12
MESH_BOX_PX = 64
SIGMA_TO_FWHM = 2.0 * math.sqrt(2.0 * math.log(2.0))
APERTURE_FWHM = 1.5
"""Radius of the aperture in which stars are found fit, in FWHM of their isophotes. It grows less
than seeing does, so light for comparisons is measured anew (``growth.py``)."""
EMPTY = np.empty(0)


class NoStarsApartError(Exception):
    """The stars of a frame cannot be told apart; the text says why."""


@dataclass(frozen=True, slots=True)
class Stars:
    """The stars of a frame, brightest first. All arrays are (n,).

    ``x`` and ``y`` are frame pixels, 0-based. ``light`` is all of a star's, whatever the seeing, in
    ADU of the mean of the 2x2 pattern; ``snr`` is the signal-to-noise ratio in an aperture.
    ``fwhm`` is in pixels, and ``ellipticity`` is 1 - b/a.
    """

    x: np.ndarray
    y: np.ndarray
    light: np.ndarray
    snr: np.ndarray
    fwhm: np.ndarray
    ellipticity: np.ndarray

    def __len__(self) -> int:
        return int(self.x.size)


@dataclass(frozen=True, slots=True)
class Mesh:
    """Sky on a coarse grid: ``levels`` (planes, rows, columns), ADU, in boxes of ``box`` pixels."""

    levels: np.ndarray
    box: int


@dataclass(frozen=True, slots=True)
class FrameMeasure:
    """Everything about a frame that registration, quality and normalisation need."""

    stars: Stars
    n_found: int
    """Number of stars above the threshold, before the selection that is measured."""
    fwhm_px: float
    """Median FWHM of the stars, pixels; NaN without stars."""
    ellipticity: float
    angle_rad: float
    sky: np.ndarray
    """Median sky per plane, ADU."""
    noise: np.ndarray
    """Noise of a single raw pixel per plane, sigma in ADU."""
    mesh: Mesh
    saturation_adu: float = math.inf
    """Value at which a pixel saturates; infinite if unknown."""
    highest_adu: float = 0.0
    """Highest pixel of all stars."""
    cell_sky: np.ndarray = field(default_factory=lambda: np.zeros(4))
    """Median sky of the four cells of the 2x2 pattern, ADU, (4,)."""

    @property
    def length_px(self) -> float:
        """FWHM of the stars along their long axes, pixels; NaN without stars."""
        axis_ratio = 1.0 - self.ellipticity
        return self.fwhm_px * math.sqrt(2.0 / (1.0 + axis_ratio * axis_ratio))


def measure_frame(
    mosaic: np.ndarray,
    colours: tuple[tuple[int, ...], ...],
    scale_end: float = math.inf,
    scratch: Scratch | None = None,
) -> FrameMeasure:
    """Measure a frame.

    Args:
        mosaic: float32 (height, width), ADU, with defective pixels replaced.
        colours: for each plane of the stack the cells of the 2x2 pattern that belong to it.
        scale_end: value at which a pixel saturates as far as the file says, ADU.
        scratch: memory for intermediate pictures.

    Raises NoStarsApartError when bright structure covers the frame.
    """
    noise_of_cell = cell_noise(mosaic, NOISE_ROWS)
    cells, box = cell_mesh(mosaic, noise_of_cell)
    mesh = Mesh(np.array([cells[list(plane)].mean(axis=0) for plane in colours]), box)
    grey_mesh = Mesh(cells.mean(axis=0, keepdims=True), box)
    noise = float(np.mean(noise_of_cell**2)) ** 0.5
    found = find_stars(mosaic, grey_mesh, noise, scale_end, scratch)
    stars = found.stars
    return FrameMeasure(
        stars=stars,
        n_found=found.n_found,
        fwhm_px=float(np.median(stars.fwhm)) if len(stars) else math.nan,
        ellipticity=float(np.median(stars.ellipticity)) if len(stars) else math.nan,
        angle_rad=found.angle_rad,
        sky=np.median(mesh.levels, axis=(1, 2)),
        noise=np.array([math.sqrt(np.mean(noise_of_cell[list(c)] ** 2)) for c in colours]),
        mesh=mesh,
        cell_sky=np.median(cells, axis=(1, 2)),
        saturation_adu=found.saturation_adu,
        highest_adu=found.highest_adu,
    )


def cell_mesh(mosaic: np.ndarray, noise: np.ndarray) -> tuple[np.ndarray, int]:
    """Measure the sky of each cell in boxes, (4, rows, columns) ADU; and the side of a box, pixels.

    On frames with room for less than eight boxes they are smaller.
    """
    height, width = mosaic.shape
    box = max(16, min(MESH_BOX_PX, min(height, width) // 16 * 2))
    levels = np.empty((4, height // box, width // box))
    mesh_levels(mosaic, box, noise, levels)
    return levels, box


@dataclass(frozen=True, slots=True)
class FoundStars:
    """Stars with what ``FrameMeasure`` says about them."""

    stars: Stars
    n_found: int = 0
    angle_rad: float = 0.0
    saturation_adu: float = math.inf
    highest_adu: float = 0.0


def find_stars(
    mosaic: np.ndarray,
    mesh: Mesh,
    noise: float,
    scale_end: float = math.inf,
    scratch: Scratch | None = None,
) -> FoundStars:
    """Find and measure stars.

    The search runs on the picture binned by two. ``mesh`` is the mean sky of all cells and
    ``noise`` that of a raw pixel, both in ADU; ``scale_end`` is where pixels saturate as far as the
    file says.
    """
    scratch = scratch or Scratch()
    grey = scratch.array("grey", mosaic.shape[0] // 2, mosaic.shape[1] // 2)
    bin_above_sky(mosaic, _smoothed(mesh.levels[0]), mesh.box / 2.0, grey)
    noise = 0.5 * noise
    if noise <= 0.0:
        return FoundStars(_no_stars(), saturation_adu=scale_end)
    found = _extract(grey, noise, scratch)
    if found.x.size == 0:
        return FoundStars(_no_stars(), saturation_adu=scale_end)
    brightest = np.argsort(-found.flux, kind="stable")[:MAX_STARS]
    chosen = Sources(*(column[brightest] for column in found))
    # A pixel of the binned picture is centred on the corner that its four pixels share.
    x, y = 2.0 * chosen.x + 0.5, 2.0 * chosen.y + 0.5
    sigma = _typical_sigma(chosen)
    radius = APERTURE_FWHM * SIGMA_TO_FWHM * sigma
    table = measure_stars(mosaic, x, y, _local(mesh.levels[0], mesh.box, x, y), sigma, radius)
    highest = np.where(np.isfinite(table[:, 0]), table[:, 6], 0.0)
    saturation = end_of_scale(mosaic, table[:, 0], table[:, 1], highest, scale_end)
    stars, angle = _select(table, noise, radius, CLIPPED_SHARE * saturation)
    stars = _with_whole_light(stars, mosaic, mesh, radius)
    return FoundStars(stars, int(found.x.size), angle, saturation, float(highest.max()))


def _extract(grey: np.ndarray, noise: float, scratch: Scratch) -> Sources:
    smooth = scratch.array("smooth", *grey.shape)
    try:
        return find_sources(grey, THRESHOLD_SIGMA * noise, MIN_AREA_PX, smooth)
    except TooManySourcesError as error:
        raise NoStarsApartError("bright structure covers it, stars cannot be told apart") from error


def _local(levels: np.ndarray, box: int, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return the level of the box in which each star is."""
    rows = np.clip(y // box, 0, levels.shape[0] - 1).astype(int)
    columns = np.clip(x // box, 0, levels.shape[1] - 1).astype(int)
    return np.asarray(levels[rows, columns])


def _with_whole_light(stars: Stars, mosaic: np.ndarray, mesh: Mesh, radius: float) -> Stars:
    if not len(stars):
        return stars
    sigma = min(max(float(np.median(stars.fwhm)) / SIGMA_TO_FWHM, 1.0), MOST_SIGMA_PX)
    # Wings of a bright star raise the level of its own box, and more so the worse the seeing is.
    sky = _local(_smoothed(mesh.levels[0]), mesh.box, stars.x, stars.y)
    light = whole_light(
        mosaic, stars.x, stars.y, sky, stars.light, stars.snr, sigma=sigma, radius=radius
    )
    return replace(stars, light=light)


def _smoothed(levels: np.ndarray) -> np.ndarray:
    """Replace each box by the median of itself and its eight neighbours."""
    padded = np.pad(levels, 1, mode="edge")
    height, width = levels.shape
    around = [padded[y : y + height, x : x + width] for y in range(3) for x in range(3)]
    return np.ascontiguousarray(np.median(around, axis=0))


def _typical_sigma(found: Sources) -> float:
    """Estimate sigma of the stars in full pixels from isophotal moments; 1 to 4."""
    sigma = 2.0 * median_of(np.sqrt(0.5 * (found.xx + found.yy)))
    return min(max(sigma, 1.0), 4.0)


def _select(
    table: np.ndarray, noise: float, radius: float, clipped_adu: float
) -> tuple[Stars, float]:
    """Keep what looks like a star: converged, not clipped, neither a hot pixel nor a smudge.

    Clipped stars are kept if there are few others, as with 8 bits: their places are less exact.
    """
    x, y, light, vxx, vyy, vxy, highest = table.T
    variance = 0.5 * (vxx + vyy)
    good = np.isfinite(x) & (light > 0.0) & (variance > 0.15)
    whole = good & (highest < clipped_adu)
    if whole.sum() >= FEW_STARS:
        good = whole
    if not good.any():
        return _no_stars(), 0.0
    typical = np.median(variance[good])
    good &= (variance > 0.3 * typical) & (variance < 4.0 * typical)
    spread = np.hypot(0.5 * (vxx - vyy), vxy)
    minor = np.sqrt(np.clip(variance - spread, 0.0, None) / (variance + spread + 1e-9))
    # The noise of the binned picture is that of a 2x2 mean: half that of a pixel.
    error = 2.0 * noise * math.sqrt(math.pi) * radius
    order = np.flatnonzero(good)
    order = order[np.argsort(-light[order], kind="stable")]
    direction = 0.5 * math.atan2(
        float(np.median(2.0 * vxy[order])), float(np.median(vxx[order] - vyy[order]))
    )
    return Stars(
        x=x[order],
        y=y[order],
        light=light[order],
        snr=light[order] / error,
        fwhm=SIGMA_TO_FWHM * np.sqrt(variance[order]),
        ellipticity=1.0 - minor[order],
    ), direction


def _no_stars() -> Stars:
    return Stars(EMPTY, EMPTY, EMPTY, EMPTY, EMPTY, EMPTY)
