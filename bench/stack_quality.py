"""The quality of several stacks of the same frames, measured on the same stars.

A stack lies on the pixels of its own reference frame, turned over where its program does so.
Its stars tell the transform that leads there from a common system: the true sky of a synthetic
night, else the picture of one of the tools. Only stars and places are measured that lie well
inside of every stack.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from bench import quality
from bench.best_light import best_light
from bench.completeness import Detections, find_peaks
from bench.patches import Patches, off_patches, without_patches
from bench.stack_depth import SEARCHED_SNR, Depth, ideal_snr, measure_depth
from bench.stack_known import MARGIN_PX, Known, isolated, listed, without_stars
from bench.stack_pictures import Picture
from bench.stack_truth import NO_TRUTH, TruthFigures, against_truth
from bench.stack_variance import StatedVariance, normalised
from crowdsky.stacking.registration.detect import Stars
from crowdsky.stacking.registration.register import align
from crowdsky.stacking.registration.transform import (
    Affine,
    apply,
    compose,
    fit_similarity,
    invert,
)
from crowdsky.synthetic.records import Truth

BRIGHT_STARS = 25
BRIGHT_ADU = (20_000.0, 250_000.0)
"""Light, in one sub, of the stars of known nights whose width is measured."""
PLACED_SNR = 25.0
"""Ratio from which stars tell where exactly a picture lies."""
ALIGN_STARS = 400
VARIANCE_ISOLATION_PX = 10.0
EMPTY_PX = 30
"""Distance of the places that are tried where the sky is empty."""
NEIGHBOURS_SNR = 0.2
"""Light, in the noise of an ideal stack, that all neighbours of a star may have."""


@dataclass(frozen=True, slots=True)
class StackQuality:
    """Figures of one stack; ``depth`` is None, and ``truth`` holds NaN, where nothing is known.

    ``normalised`` are deviations of star light in units of the errors that the stack states, (n,);
    empty if it states none.
    """

    fwhm_rgb: tuple[float, float, float]
    n_stars: int
    used: int
    left_out: dict[str, str]
    truth: TruthFigures
    depth: Depth | None
    normalised: np.ndarray = field(default_factory=lambda: np.empty(0))


def measure_stacks(
    pictures: Mapping[str, Picture],
    known: Known | None = None,
    truth: Truth | None = None,
    n_subs: int = 1,
) -> dict[str, StackQuality | None]:
    """Measure the tools' stacks; None for one whose stars do not fit to the others'.

    ``n_subs`` is the number of frames that the tools were given.
    """
    if known is not None:
        common, stars = known.field, known.stars
    else:
        base = pictures["siril"] if "siril" in pictures else next(iter(pictures.values()))
        common = stars = detected_stars(base)
    places = {name: _place(common, picture) for name, picture in pictures.items()}
    found = {name: place for name, place in places.items() if place is not None}
    inside = np.ones(len(stars), bool)
    for name, place in found.items():
        inside &= _well_inside(pictures[name], *apply(place, stars.x, stars.y))
    if known is not None:
        inside &= off_patches(known.patches, stars.x, stars.y)
    lone = np.flatnonzero(inside & isolated(stars))
    measured = {
        name: _measure(pictures[name], place, stars, lone, known, truth, n_subs)
        for name, place in found.items()
    }
    if known is not None and truth is not None and truth.folder is not None:
        best = best_light(truth, stars.x[lone], stars.y[lone], known.colours[lone])
        measured = {name: _with_best(one, best) for name, one in measured.items()}
    return {name: measured.get(name) for name in places}


def _with_best(measured: StackQuality, best: np.ndarray) -> StackQuality:
    depth = measured.depth
    return replace(measured, depth=None if depth is None else replace(depth, best=best))


def detected_stars(picture: Picture) -> Stars:
    """The stars of a stack with windowed positions, brightest first."""
    table = quality.detect(picture.luminance)
    x, y = quality.windowed(picture.luminance, table["x"], table["y"])
    light = np.maximum(table["flux"], 1e-9)
    faintest = light.min(initial=math.inf)
    return replace(listed(x, y, light), snr=np.sqrt(light / faintest))


def _place(common: Stars, picture: Picture) -> Affine | None:
    """The transform from the common system to a picture's pixels."""
    found = align(_first(common, ALIGN_STARS), _first(detected_stars(picture), ALIGN_STARS))
    return None if found is None else found.transform


def _first(stars: Stars, count: int) -> Stars:
    return Stars(
        stars.x[:count], stars.y[:count], stars.light[:count], stars.snr[:count],
        stars.fwhm[:count], stars.ellipticity[:count],
    )  # fmt: skip


def _well_inside(picture: Picture, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    height, width = picture.luminance.shape
    return np.asarray(
        (x > MARGIN_PX)
        & (y > MARGIN_PX)
        & (x < width - 1 - MARGIN_PX)
        & (y < height - 1 - MARGIN_PX)
    )


def _measure(
    picture: Picture,
    place: Affine,
    stars: Stars,
    lone: np.ndarray,
    known: Known | None,
    truth: Truth | None,
    n_subs: int,
) -> StackQuality:
    bright = lone[:BRIGHT_STARS]
    if known is not None and known.complete:
        light = stars.light[lone]
        bright = lone[(light > BRIGHT_ADU[0]) & (light < BRIGHT_ADU[1])]
    at = apply(place, stars.x[bright], stars.y[bright])
    red, green, blue = (quality.star_widths(plane, *at)[0] for plane in picture.planes)
    return StackQuality(
        fwhm_rgb=(red, green, blue),
        n_stars=lone.size,
        used=picture.used,
        left_out=picture.left_out,
        truth=NO_TRUTH
        if truth is None
        else against_truth(picture, place, stars, lone, truth, MARGIN_PX),
        depth=None if known is None else _depth(picture, place, lone, known, n_subs),
        normalised=np.empty(0)
        if known is None or picture.variance is None
        else _normalised(picture, picture.variance, place, lone, known, n_subs),
    )


def _depth(
    picture: Picture, place: Affine, lone: np.ndarray, known: Known, n_subs: int
) -> Depth | None:
    snr = ideal_snr(known.stars.light[lone], n_subs)
    x, y = known.stars.x[lone], known.stars.y[lone]
    place = _refined(picture, place, x[snr > PLACED_SNR], y[snr > PLACED_SNR])
    x, y = apply(place, x, y)
    light = np.concatenate([known.stars.light[None], known.colours.T])[:, lone]
    field_x, field_y = apply(place, known.field.x, known.field.y)
    free = without_stars(picture.luminance.shape, field_x, field_y, known.field.light)
    free &= picture.covered
    patches = placed(known.patches, place)
    if not known.complete:
        planted = apply(place, known.stars.x, known.stars.y)
        free &= without_stars(picture.luminance.shape, *planted, known.stars.light)
    peaks = _peaks(picture, x, y, snr, free, patches) if known.complete else None
    planes = np.concatenate([picture.luminance[None], picture.planes])
    return measure_depth(planes, picture.grey, x, y, light, snr, patches, free, peaks)


def _normalised(
    picture: Picture,
    stated: StatedVariance,
    place: Affine,
    lone: np.ndarray,
    known: Known,
    n_subs: int,
) -> np.ndarray:
    """Deviations of stars whose neighbours are far below their noise."""
    stars = known.stars
    x, y = stars.x[lone], stars.y[lone]
    near = np.hypot(x[:, None] - stars.x, y[:, None] - stars.y) < VARIANCE_ISOLATION_PX
    beside = near @ stars.light - stars.light[lone]
    alone = lone[ideal_snr(beside, n_subs) < NEIGHBOURS_SNR]
    snr = ideal_snr(stars.light[alone], n_subs)
    x, y = stars.x[alone], stars.y[alone]
    place = _refined(picture, place, x[snr > PLACED_SNR], y[snr > PLACED_SNR])
    green = known.colours[alone, 1]
    empty = _empty_places(picture, place, known, n_subs)
    return normalised(picture.planes[1], stated, *apply(place, x, y), green, snr, empty)


def _empty_places(
    picture: Picture, place: Affine, known: Known, n_subs: int
) -> tuple[np.ndarray, np.ndarray]:
    """Places x, y of a picture, on a mesh, that have as little light beside them as the stars."""
    height, width = picture.luminance.shape
    margin = round(MARGIN_PX)
    y, x = np.mgrid[margin : height - margin : EMPTY_PX, margin : width - margin : EMPTY_PX]
    covered = picture.covered[y, x].ravel()
    x, y = x.ravel()[covered].astype(float), y.ravel()[covered].astype(float)
    stars, (at_x, at_y) = known.stars, apply(invert(place), x, y)
    near = np.hypot(at_x[:, None] - stars.x, at_y[:, None] - stars.y) < VARIANCE_ISOLATION_PX
    empty = ideal_snr(near @ stars.light, n_subs) < NEIGHBOURS_SNR
    empty &= off_patches(known.patches, at_x, at_y)
    if not known.complete:
        field = np.hypot(at_x[:, None] - known.field.x, at_y[:, None] - known.field.y)
        empty &= (field > VARIANCE_ISOLATION_PX).all(axis=1)
    return x[empty], y[empty]


def _refined(picture: Picture, place: Affine, x: np.ndarray, y: np.ndarray) -> Affine:
    """The transform on which stars at x, y lie best, so that what is left is their own scatter."""
    at = apply(place, x, y)
    seen = quality.windowed(picture.luminance, *at) if x.size else at
    off = np.hypot(seen[0] - at[0], seen[1] - at[1])
    kept = quality.near_median(off, 5.0)
    fitted = (
        fit_similarity(at[0][kept], at[1][kept], seen[0][kept], seen[1][kept], np.ones(kept.sum()))
        if kept.any()
        else None
    )
    return place if fitted is None else compose(fitted, place)


def _peaks(
    picture: Picture,
    x: np.ndarray,
    y: np.ndarray,
    snr: np.ndarray,
    free: np.ndarray,
    patches: Patches,
) -> Detections:
    """Search for the faint ones among the stars at x, y."""
    inner = np.zeros(free.shape, bool)
    inner[MARGIN_PX:-MARGIN_PX, MARGIN_PX:-MARGIN_PX] = True
    nothing = free & inner & without_patches(free.shape, patches)
    faint = (snr > SEARCHED_SNR[0]) & (snr < SEARCHED_SNR[1])
    return find_peaks(picture.luminance, x[faint], y[faint], nothing)


def placed(patches: Patches, place: Affine) -> Patches:
    """The patches on the pixels of a picture."""
    x, y = apply(place, patches.x, patches.y)
    along_x, along_y = np.cos(patches.angle), np.sin(patches.angle)
    angle = np.arctan2(
        place[3] * along_x + place[4] * along_y, place[0] * along_x + place[1] * along_y
    )
    return replace(patches, x=x, y=y, angle=angle)
