"""Pictures like finished stacks, with stars and patches whose truth is known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from bench.best_weights import Estimate
from bench.completeness import Detections, find_peaks
from bench.patches import Patches, off_patches, patch_light, plan_patches, without_patches
from bench.stack_depth import SEARCHED_SNR, Depth, ideal_snr, measure_depth
from bench.stack_pictures import Picture

SIZE = 900
N_SUBS = 15
MARGIN = 60
STAR_SIGMA_PX = 1.35
NOISE_ADU = 26.0
"""Noise of a pixel of the stack, of each colour, before it is correlated."""
GAIN_ADU = 14.0


@dataclass(frozen=True)
class KnownPicture:
    """A picture, and its stars and patches."""

    picture: Picture
    x: np.ndarray
    y: np.ndarray
    light: np.ndarray
    patches: Patches
    free: np.ndarray

    def depth(self, picture: Picture) -> Depth:
        """Measure this picture, or one that was made from it."""
        snr = ideal_snr(self.light, N_SUBS)
        planes = np.concatenate([picture.luminance[None], picture.planes])
        found = measure_depth(
            planes, picture.grey, self.x, self.y, np.tile(self.light, (4, 1)), snr, self.patches,
            self.free, self.detections(picture),
        )  # fmt: skip
        assert found is not None
        return found

    def detections(self, picture: Picture) -> Detections:
        """Search for the faint stars."""
        snr = ideal_snr(self.light, N_SUBS)
        faint = (snr > SEARCHED_SNR[0]) & (snr < SEARCHED_SNR[1])
        nothing = self.free & without_patches(self.free.shape, self.patches)
        return find_peaks(picture.luminance, self.x[faint], self.y[faint], nothing)


def known_picture(
    seed: int, correlated: bool = True, star_sigma: float = STAR_SIGMA_PX
) -> KnownPicture:
    """Draw stars on a jittered grid, patches between them, and the noise of debayered frames."""
    rng = np.random.default_rng(seed)
    at = np.arange(MARGIN, SIZE - MARGIN, 34)
    x, y = (grid.ravel() + rng.uniform(-3.0, 3.0, grid.size) for grid in np.meshgrid(at, at))
    light = np.exp(rng.uniform(np.log(250.0), np.log(60_000.0), x.size))
    kept = rng.random(x.size) < 0.55
    x, y, light = x[kept], y[kept], light[kept]
    box = (MARGIN, MARGIN, SIZE - MARGIN, SIZE - MARGIN)
    patches = plan_patches(box, N_SUBS, x, y, light, rng)
    clean = _stars(x, y, light, star_sigma)
    for index in range(len(patches)):
        reach = int(patches.size[index] / 2 + 8)
        column, row = round(patches.x[index]), round(patches.y[index])
        part = np.s_[max(row - reach, 0) : row + reach, max(column - reach, 0) : column + reach]
        v, u = np.mgrid[part]
        clean[part] += patch_light(patches, index, u, v)
    planes = np.array([clean + _noise(clean, rng, correlated) for _ in range(3)], np.float32)
    covered = np.ones((SIZE, SIZE), bool)
    free = _free(x, y)
    off = off_patches(patches, x, y)
    x, y, light = x[off], y[off], light[off]
    return KnownPicture(
        Picture(planes, planes.mean(axis=0), covered, N_SUBS, {}), x, y, light, patches, free
    )


def _stars(x: np.ndarray, y: np.ndarray, light: np.ndarray, sigma: float) -> np.ndarray:
    clean = np.zeros((SIZE, SIZE))
    rows, columns = np.mgrid[-12:13, -12:13]
    for star_x, star_y, flux in zip(x, y, light, strict=True):
        ix, iy = round(star_x), round(star_y)
        square = (columns + ix - star_x) ** 2 + (rows + iy - star_y) ** 2
        clean[iy - 12 : iy + 13, ix - 12 : ix + 13] += (
            flux * np.exp(-0.5 * square / sigma**2) / (2.0 * np.pi * sigma**2)
        )
    return clean


def _noise(clean: np.ndarray, rng: np.random.Generator, correlated: bool) -> np.ndarray:
    white = rng.normal(0.0, 1.0, clean.shape) * np.sqrt(NOISE_ADU**2 + GAIN_ADU * clean / N_SUBS)
    if not correlated:
        return white
    soft = ndimage.convolve1d(ndimage.convolve1d(white, [0.25, 0.5, 0.25]), [0.25, 0.5, 0.25], 0)
    return np.asarray(0.4 * white + 0.9 * soft)


def _free(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    rows, columns = np.mgrid[:SIZE, :SIZE]
    free = np.ones((SIZE, SIZE), bool)
    for star_x, star_y in zip(x, y, strict=True):
        ix, iy = round(star_x), round(star_y)
        part = np.s_[max(iy - 8, 0) : iy + 9, max(ix - 8, 0) : ix + 9]
        free[part] &= np.hypot(columns[part] - star_x, rows[part] - star_y) > 7.0
    return free


def all_values(found: dict[str, Estimate]) -> str:
    """The columns in a line, for a test that fails."""
    return ", ".join(f"{name} {value}" for name, value in found.items())
