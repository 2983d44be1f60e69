"""Faint discs and streaks, and for real subs stars, added to subs before they are stacked.

They are added to the raw pixels, with photon noise of their own, where the transforms of the subs
say that they belong. So they pass through debayering, warping, rejection and whatever a program
does to a finished stack, as the light of a nebula does; and their truth is known on real subs too.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from astropy.io import fits
from scipy.special import erfc

from crowdsky.stacking.registration.transform import Affine, apply, invert
from crowdsky.synthetic.render_kernels import add_stars

SIZES_PX = (4, 16, 64)
DISCS = {4: 90, 16: 45, 64: 16}
STREAKS = {16: 40, 64: 24}
"""Number of each size in a night. A streak of 4 px would be a disc of 4 px."""
STREAK_SIGMA_PX = 1.7
EDGE_SIGMA_PX = 1.3
"""Blur of the discs' edges, as by seeing."""
SKY_SIGMA_ADU = 90.0
"""Noise of a raw pixel of the Seestar S50."""
SNR = 12.0
"""Signal-to-noise ratio of a patch in an ideal stack of the subs it is made for."""
ADU_PER_ELECTRON = 14.0
APART_PX = 8.0
ATTEMPTS = 400


@dataclass(frozen=True, slots=True)
class Patches:
    """Patches of even light, (n,) each: places in the common system, size, light, direction.

    ``adu`` is the surface brightness, ADU per pixel of one sub, of a streak along its middle;
    ``angle`` is the direction of a streak, radians, NaN for a disc.
    """

    x: np.ndarray
    y: np.ndarray
    size: np.ndarray
    adu: np.ndarray
    angle: np.ndarray

    def __len__(self) -> int:
        return len(self.x)

    def of(self, chosen: np.ndarray) -> Patches:
        """Some of them, by index or mask."""
        return Patches(*(getattr(self, name)[chosen] for name in self.__slots__))


NO_PATCHES = Patches(*(np.empty(0) for _ in range(5)))


def plan_patches(
    box: tuple[float, float, float, float],
    n_subs: int,
    star_x: np.ndarray,
    star_y: np.ndarray,
    star_light: np.ndarray,
    rng: np.random.Generator,
) -> Patches:
    """Choose places inside ``box`` (x0, y0, x1, y1) off each other and off the stars.

    Large ones come first. Stars that a large one cannot avoid are masked when it is measured.
    """
    found: list[tuple[float, float, float, float, float]] = []
    for size in sorted(SIZES_PX, reverse=True):
        for counts, streak in ((DISCS, False), (STREAKS, True)):
            limit = star_light > (20_000.0 if size == 64 else 1000.0 if size == 16 else 300.0)
            stars = np.column_stack([star_x[limit], star_y[limit]])
            for _ in range(counts.get(size, 0)):
                place = _free_place(box, size, stars, found, rng)
                if place is not None:
                    angle = rng.uniform(0.0, math.pi) if streak else math.nan
                    found.append((*place, float(size), patch_adu(size, streak, n_subs), angle))
    return Patches(*np.array(found).reshape(-1, 5).T)


def patch_adu(size: float, streak: bool, n_subs: int) -> float:
    """Surface brightness that gives a patch the ratio SNR, ADU per pixel of one sub."""
    area = math.pi * size**2 / 4.0
    if streak:
        area = 2.0 * math.sqrt(math.pi) * STREAK_SIGMA_PX * size
    elif size < 6:
        area = 0.5 * area  # blurred by about its own size
    return SNR * SKY_SIGMA_ADU / math.sqrt(n_subs * area)


def _free_place(
    box: tuple[float, float, float, float],
    size: float,
    stars: np.ndarray,
    found: Sequence[tuple[float, ...]],
    rng: np.random.Generator,
) -> tuple[float, float] | None:
    others = np.array(found).reshape(-1, 5)
    for _ in range(ATTEMPTS):
        x, y = rng.uniform(box[0], box[2]), rng.uniform(box[1], box[3])
        if len(stars) and np.hypot(stars[:, 0] - x, stars[:, 1] - y).min() < size / 2 + APART_PX:
            continue
        apart = np.hypot(others[:, 0] - x, others[:, 1] - y) - (others[:, 2] + size) / 2
        if apart.size == 0 or apart.min() > APART_PX:
            return x, y
    return None


def patch_light(patches: Patches, index: int, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Surface brightness of one patch at places x, y of the common system, ADU per pixel."""
    dx, dy = x - patches.x[index], y - patches.y[index]
    half, angle = patches.size[index] / 2.0, patches.angle[index]
    if math.isnan(angle):
        return np.asarray(patches.adu[index] * soft_step(np.hypot(dx, dy) - half, EDGE_SIGMA_PX))
    along, across = along_across(dx, dy, angle)
    form = np.exp(-0.5 * (across / STREAK_SIGMA_PX) ** 2)
    return np.asarray(patches.adu[index] * form * soft_step(np.abs(along) - half, EDGE_SIGMA_PX))


def soft_step(beyond: np.ndarray, sigma: float) -> np.ndarray:
    """1 inside, 0 outside of an edge blurred by a Gaussian; ``beyond`` is the distance from it."""
    return np.asarray(0.5 * erfc(beyond / (math.sqrt(2.0) * sigma)))


def along_across(dx: np.ndarray, dy: np.ndarray, angle: float) -> tuple[np.ndarray, np.ndarray]:
    """Coordinates along a direction and at right angles to it."""
    return dx * math.cos(angle) + dy * math.sin(angle), dy * math.cos(angle) - dx * math.sin(angle)


def patches_in(shape: tuple[int, int], to_common: Affine, patches: Patches) -> np.ndarray:
    """The light of all patches in a sub, (height, width) float32 ADU."""
    light = np.zeros(shape, np.float32)
    x, y = apply(invert(to_common), patches.x, patches.y)
    for index in range(len(patches)):
        reach = math.ceil(patches.size[index] / 2.0 + 6.0)
        column, row = round(float(x[index])), round(float(y[index]))
        rows = slice(max(row - reach, 0), max(row + reach + 1, 0))
        columns = slice(max(column - reach, 0), max(column + reach + 1, 0))
        part = light[rows, columns]
        if part.size == 0:
            continue
        v, u = np.mgrid[rows.start : rows.start + part.shape[0],
                        columns.start : columns.start + part.shape[1]]  # fmt: skip
        part += patch_light(patches, index, *apply(to_common, u.astype(float), v.astype(float)))
    return light


def without_patches(shape: tuple[int, int], patches: Patches) -> np.ndarray:
    """Pixels of a picture that show none of its patches, (height, width) bool."""
    empty = np.ones(shape, bool)
    for index in range(len(patches)):
        reach = math.ceil(patches.size[index] / 2.0 + 6.0)
        column, row = round(float(patches.x[index])), round(float(patches.y[index]))
        empty[max(row - reach, 0) : max(row + reach + 1, 0),
              max(column - reach, 0) : max(column + reach + 1, 0)] = False  # fmt: skip
    return empty


def off_patches(patches: Patches, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Which places have no patch beneath or beside them, (n,) bool."""
    off = np.ones(len(x), bool)
    for patch_x, patch_y, size in zip(patches.x, patches.y, patches.size, strict=True):
        off &= np.hypot(x - patch_x, y - patch_y) > size / 2.0 + APART_PX
    return off


@dataclass(frozen=True, slots=True)
class PlantedStars:
    """Stars for real subs: places in the common system, (n,), and light in ADU, (n, 3)."""

    x: np.ndarray
    y: np.ndarray
    light: np.ndarray


NO_STARS = PlantedStars(np.empty(0), np.empty(0), np.empty((0, 3)))


def add_to_sub(
    path: Path,
    output: Path,
    to_common: Affine,
    patches: Patches,
    rng: np.random.Generator,
    stars: PlantedStars = NO_STARS,
    fwhm_px: float = 3.0,
    transparency: float = 1.0,
) -> None:
    """Write a copy of a sub with the patches, and stars of a width, in it.

    The sub is a mosaic of unsigned 16-bit numbers; its header stays as it is. ``transparency`` is
    the share of the light that this sub gets of everything in the sky.
    """
    with fits.open(path) as hdus:
        pixels, header = hdus[0].data.astype(np.float32), hdus[0].header
    light = patches_in(pixels.shape, to_common, patches)
    if stars.x.size:
        x, y = apply(invert(to_common), stars.x, stars.y)
        add_stars(light, str(header["BAYERPAT"]), x, y, stars.light, (fwhm_px,) * 3)
    light *= np.float32(transparency)
    noise = rng.standard_normal(light.shape, dtype=np.float32)
    light += np.sqrt(light * np.float32(ADU_PER_ELECTRON)) * noise
    changed = np.clip(np.rint(pixels + light), 0, 65535).astype(np.uint16)
    fits.PrimaryHDU(changed, header).writeto(output, overwrite=True)
