"""What one frame shows: its stars with exact positions, its sky and its noise."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import sep

from worker.stacking.kernels_frame import bin_by_two, cell_noise, measure_stars, mesh_levels

THRESHOLD_SIGMA = 5.0
"""Of the smoothed grey picture; lower only adds noise peaks that no other frame shows."""
MIN_AREA_PX = 4
MAX_STARS = 300
"""The brightest so many stars of a frame are measured: enough for any fit, and quick."""
SATURATED_ADU = 58000.0
"""Some sensors clip a little below 65535; a clipped star has no honest centroid."""
NOISE_ROWS = 12
MESH_BOX_PX = 64
SIGMA_TO_FWHM = 2.0 * math.sqrt(2.0 * math.log(2.0))
APERTURE_FWHM = 1.5
"""Radius of the aperture for a star's light, in FWHM: wide, so that seeing does not matter."""
EMPTY = np.empty(0)


@dataclass(frozen=True, slots=True)
class Stars:
    """The stars of a frame, brightest first. All arrays (n,).

    ``x`` and ``y`` are frame pixels, 0-based; ``light`` is in ADU of the mean of the 2x2 pattern,
    summed over an aperture; ``snr`` its signal-to-noise ratio; ``fwhm`` in pixels;
    ``ellipticity`` 1 - b/a.
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
    """Sky level on a coarse grid: ``levels`` (planes, rows, columns) ADU in boxes of ``box`` px."""

    levels: np.ndarray
    box: int


@dataclass(frozen=True, slots=True)
class FrameMeasure:
    """Everything that registration, quality and normalisation need to know about a frame."""

    stars: Stars
    n_found: int
    """Stars above the threshold, before the selection that is measured."""
    fwhm_px: float
    """Median of the stars; NaN without stars."""
    ellipticity: float
    angle_rad: float
    sky: np.ndarray
    """Median sky per plane, ADU."""
    noise: np.ndarray
    """Noise of a single raw pixel per plane, sigma in ADU."""
    mesh: Mesh


def measure_frame(mosaic: np.ndarray, colours: tuple[tuple[int, ...], ...]) -> FrameMeasure:
    """Measure a frame.

    Args:
        mosaic: float32 (height, width), ADU, cosmetically corrected.
        colours: for each plane of the stack the cells of the pattern that belong to it.
    """
    noise_of_cell = cell_noise(mosaic, NOISE_ROWS)
    mesh = measure_mesh(mosaic, colours)
    grey = np.empty((mosaic.shape[0] // 2, mosaic.shape[1] // 2), np.float32)
    bin_by_two(mosaic, grey)
    stars, n_found, angle = find_stars(mosaic, grey)
    return FrameMeasure(
        stars=stars,
        n_found=n_found,
        fwhm_px=float(np.median(stars.fwhm)) if len(stars) else math.nan,
        ellipticity=float(np.median(stars.ellipticity)) if len(stars) else math.nan,
        angle_rad=angle,
        sky=np.median(mesh.levels, axis=(1, 2)),
        noise=np.array([math.sqrt(np.mean(noise_of_cell[list(c)] ** 2)) for c in colours]),
        mesh=mesh,
    )


def measure_mesh(mosaic: np.ndarray, colours: tuple[tuple[int, ...], ...]) -> Mesh:
    """The sky of each plane in boxes; boxes are smaller on frames too small for four of them."""
    height, width = mosaic.shape
    box = max(16, min(MESH_BOX_PX, min(height, width) // 8 * 2))
    levels = np.empty((4, height // box, width // box))
    mesh_levels(mosaic, box, levels)
    return Mesh(np.array([levels[list(cells)].mean(axis=0) for cells in colours]), box)


def find_stars(mosaic: np.ndarray, grey: np.ndarray) -> tuple[Stars, int, float]:
    """Stars of a frame, how many were found in all, and the mean direction of their long axes.

    ``grey`` is the picture binned by two in which they are searched.
    """
    background = sep.Background(grey, bw=32, bh=32, fw=3, fh=3)
    sky = background.back()
    noise = background.globalrms
    if noise <= 0.0:
        return _no_stars(), 0, 0.0
    found = sep.extract(
        grey - sky, THRESHOLD_SIGMA, err=noise, minarea=MIN_AREA_PX, deblend_nthresh=16
    )
    if found.size == 0:
        return _no_stars(), 0, 0.0
    brightest = np.argsort(-found["flux"], kind="stable")[:MAX_STARS]
    chosen = found[brightest]
    rows = np.clip(np.rint(chosen["y"]).astype(int), 0, grey.shape[0] - 1)
    columns = np.clip(np.rint(chosen["x"]).astype(int), 0, grey.shape[1] - 1)
    # A pixel of the binned picture is centred on the corner between its four.
    x, y, local_sky = 2.0 * chosen["x"] + 0.5, 2.0 * chosen["y"] + 0.5, sky[rows, columns]
    sigma = _typical_sigma(chosen)
    table = np.empty((chosen.size, 7))
    radius = APERTURE_FWHM * SIGMA_TO_FWHM * sigma
    measure_stars(mosaic, x, y, local_sky.astype(float), sigma, radius, table)
    stars, angle = _select(table, noise, radius)
    return stars, int(found.size), angle


def _typical_sigma(found: np.ndarray) -> float:
    """Width of the stars in full pixels from the isophotal moments, within reason."""
    sigma = 2.0 * float(np.median(np.sqrt(0.5 * (found["x2"] + found["y2"]))))
    return min(max(sigma, 1.0), 4.0)


def _select(table: np.ndarray, noise: float, radius: float) -> tuple[Stars, float]:
    """Keep what looks like a star: settled, not clipped, neither a hot pixel nor a smudge."""
    x, y, light, vxx, vyy, vxy, highest = table.T
    variance = 0.5 * (vxx + vyy)
    good = np.isfinite(x) & (light > 0.0) & (highest < SATURATED_ADU) & (variance > 0.15)
    if not good.any():
        return _no_stars(), 0.0
    typical = np.median(variance[good])
    good &= (variance > 0.3 * typical) & (variance < 4.0 * typical)
    spread = np.hypot(0.5 * (vxx - vyy), vxy)
    minor = np.sqrt(np.clip(variance - spread, 0.0, None) / (variance + spread + 1e-9))
    # The binned picture's noise is that of a 2x2 mean: half a pixel's.
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
