"""What is known to be in a set of frames: true stars and patches.

Synthetic nights are known to the last star. Real subs get stars and patches planted into them,
where the transforms of a first stack say that they belong; their own light stays unknown.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from astropy.io import fits

from bench.patches import Patches, PlantedStars, add_to_sub, plan_patches
from bench.stack_depth import ADU_OF_SNR_1
from crowdsky.stacking.registration.detect import Stars
from crowdsky.synthetic.records import Truth

MARGIN_PX = 150
"""Dithers, jumps and rotation of the nights spoil the border of one stack or the other."""
ISOLATION_PX = 14.0
NEIGHBOUR_SHARE = 0.03
PLANTED_STARS = 260
PLANTED_SNR = (3.0, 300.0)
WING_ADU = 0.5
"""Surface brightness of a star in one sub from which its pixels are masked."""
CORE_PX = 2.75
"""Core of a Moffat profile of exponent 3 and the width of Seestar stars."""
MIN_MASK_PX = 4.5


@dataclass(frozen=True, slots=True)
class Known:
    """Objects with known truth, in a common system of pixels.

    Attributes:
        stars: those to be measured, brightest first, light in ADU of one sub (mean of the colours).
        colours: their light in red, green and blue, (n, 3) ADU.
        field: all stars that are there, by which pictures are aligned and masked.
        patches: discs and streaks.
        complete: whether ``field`` has every star, so that false detections can be told.
    """

    stars: Stars
    colours: np.ndarray
    field: Stars
    patches: Patches
    complete: bool


def night_stars(truth: Truth) -> Stars:
    """All stars of a night in its reference frame, brightest first, light in ADU of one sub."""
    order = _order(truth)
    return listed(truth.star_x[order], truth.star_y[order], truth.star_flux[order].mean(axis=1))


def night_known(truth: Truth, patches: Patches) -> Known:
    """Everything about a synthetic night."""
    stars = night_stars(truth)
    return Known(stars, truth.star_flux[_order(truth)], stars, patches, complete=True)


def night_patches(truth: Truth, rng: np.random.Generator) -> Patches:
    """Choose the patches of a synthetic night, for a stack of its good subs."""
    night = truth.night
    stars = night_stars(truth)
    good = max(night.n_subs - len(set(night.cloudy + night.trailed)), 1)
    box = _inner_box(night.camera.width, night.camera.height)
    return plan_patches(box, good, stars.x, stars.y, stars.light, rng)


def add_to_night(truth: Truth, patches: Patches, rng: np.random.Generator) -> None:
    """Add patches to the subs of a night that has been written."""
    for sub, path in zip(truth.subs, truth.paths, strict=True):
        add_to_sub(path, path, sub.to_reference, patches, rng, transparency=sub.transparency)


def plant(
    paths: Sequence[Path], stack: Path, folder: Path, field: Stars, rng: np.random.Generator
) -> tuple[list[Path], Known]:
    """Copy real subs to ``folder`` with stars and patches in them.

    Args:
        stack: product of our engine from these subs, whose FRAMES say where each sub lies.
        field: the stars of that stack, on whose pixels the planted ones are placed.
    """
    with fits.open(stack) as hdus:
        frames = hdus["FRAMES"].data
        height, width = hdus["RED"].data.shape
        rows = {str(row["FILENAME"]).strip(): row for row in frames}
    box, count = _inner_box(width, height), len(paths)
    patches = plan_patches(box, count, field.x, field.y, field.light, rng)
    planted = _free_stars(box, count, field, patches, rng)
    folder.mkdir(parents=True)
    copies = []
    for path in paths:
        row, copy = rows[path.name], folder / path.name
        if row["USED"]:
            transform = tuple(float(v) for v in row["TRANSFORM"])
            add_to_sub(path, copy, transform, patches, rng, planted, float(row["FWHM"]))  # type: ignore[arg-type]
        else:
            copy.symlink_to(path.resolve())
        copies.append(copy)
    stars = listed(planted.x, planted.y, planted.light.mean(axis=1))
    return copies, Known(stars, planted.light, field, patches, complete=False)


def listed(x: np.ndarray, y: np.ndarray, light: np.ndarray) -> Stars:
    """A list of stars; all of the same round shape."""
    return Stars(x, y, light, np.sqrt(light), np.full(light.size, 3.0), np.zeros(light.size))


def isolated(stars: Stars) -> np.ndarray:
    """Which stars have no neighbour that would matter within ISOLATION_PX; (n,) bool."""
    apart = np.hypot(stars.x[:, None] - stars.x, stars.y[:, None] - stars.y)
    near = (apart < ISOLATION_PX) & (apart > 0.0)
    return np.asarray((near * stars.light).sum(axis=1) < NEIGHBOUR_SHARE * stars.light)


def without_stars(
    shape: tuple[int, int], x: np.ndarray, y: np.ndarray, light: np.ndarray
) -> np.ndarray:
    """Pixels that no star reaches with more than WING_ADU, (height, width) bool."""
    peak = 2.0 * np.maximum(light, 1.0) / (math.pi * CORE_PX**2)
    reach = CORE_PX * np.sqrt(np.maximum((peak / WING_ADU) ** (1.0 / 3.0) - 1.0, 0.0))
    free = np.ones(shape, bool)
    for star_x, star_y, radius in zip(x, y, np.maximum(reach, MIN_MASK_PX), strict=True):
        half = math.ceil(radius)
        column, row = round(float(star_x)), round(float(star_y))
        rows = slice(max(row - half, 0), max(row + half + 1, 0))
        columns = slice(max(column - half, 0), max(column + half + 1, 0))
        part = free[rows, columns]
        if part.size:
            v, u = np.mgrid[rows.start : rows.start + part.shape[0],
                            columns.start : columns.start + part.shape[1]]  # fmt: skip
            part &= np.hypot(u - star_x, v - star_y) > radius
    return free


def _free_stars(
    box: tuple[float, float, float, float],
    n_subs: int,
    field: Stars,
    patches: Patches,
    rng: np.random.Generator,
) -> PlantedStars:
    """Stars of all brightnesses, off those that are there, the patches, and each other."""
    lowest, highest = (math.log(snr * ADU_OF_SNR_1 / math.sqrt(n_subs)) for snr in PLANTED_SNR)
    stars = np.column_stack([field.x, field.y, np.full(len(field), ISOLATION_PX)])
    discs = np.column_stack([patches.x, patches.y, patches.size / 2.0 + ISOLATION_PX])
    taken = np.concatenate([stars, discs])
    places: list[tuple[float, float]] = []
    for x, y in rng.uniform(box[:2], box[2:], (20 * PLANTED_STARS, 2)):
        if (np.hypot(taken[:, 0] - x, taken[:, 1] - y) > taken[:, 2]).all():
            places.append((x, y))
            taken = np.concatenate([taken, [[x, y, 2.0 * ISOLATION_PX]]])
        if len(places) == PLANTED_STARS:
            break
    light = np.sort(np.exp(rng.uniform(lowest, highest, len(places))))[::-1]
    colour = np.exp(rng.normal(0.0, 0.2, (len(places), 3)))
    colour /= colour.mean(axis=1, keepdims=True)
    x, y = np.array(places).reshape(-1, 2).T
    return PlantedStars(x, y, light[:, None] * colour)


def _inner_box(width: int, height: int) -> tuple[float, float, float, float]:
    return (MARGIN_PX, MARGIN_PX, width - 1.0 - MARGIN_PX, height - 1.0 - MARGIN_PX)


def _order(truth: Truth) -> np.ndarray:
    """Indices of the stars within 30 px of the frame, brightest first."""
    camera = truth.night.camera
    order = np.argsort(-truth.star_flux.mean(axis=1), kind="stable")
    x, y = truth.star_x[order], truth.star_y[order]
    return np.asarray(
        order[(x > -30) & (y > -30) & (x < camera.width + 30) & (y < camera.height + 30)]
    )
