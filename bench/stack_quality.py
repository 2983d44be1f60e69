"""The quality of several stacks of the same frames, measured on the same stars.

A stack lies on the pixels of its own reference frame, turned over where its program does so.
Its stars tell the transform that leads there from a common system: the true sky of a synthetic
night, else the picture of one of the tools. Only stars and places are measured that lie well
inside of every stack.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from bench import quality
from bench.stack_pictures import Picture
from bench.stack_truth import NO_TRUTH, TruthFigures, against_truth, night_stars
from crowdsky.stacking.registration.detect import Stars
from crowdsky.stacking.registration.register import align
from crowdsky.stacking.registration.transform import Affine, apply
from crowdsky.synthetic.sky import Truth

MARGIN_PX = 150
"""Dithers, jumps and rotation of the nights spoil the border of one stack or the other."""
ISOLATION_PX = 14.0
NEIGHBOUR_SHARE = 0.03
REAL_STARS = 60
BRIGHT_STARS = 25
FAINT_ADU = (1500.0, 9000.0)
"""Light, in one sub, of the stars of synthetic nights whose SNR is measured."""
BRIGHT_ADU = (20_000.0, 250_000.0)
"""And of those whose width is."""
SEED = 3
ALIGN_STARS = 400


@dataclass(frozen=True, slots=True)
class StackQuality:
    """Figures of one stack; ``truth`` holds NaN for real frames."""

    snr: float
    snr_rgb: tuple[float, float, float]
    fwhm_rgb: tuple[float, float, float]
    n_stars: int
    used: int
    left_out: dict[str, str]
    truth: TruthFigures


@dataclass(frozen=True, slots=True)
class _StarLists:
    """Stars in the common system: x and y of faint ones (for SNR) and bright ones (for width)."""

    faint: tuple[np.ndarray, np.ndarray]
    bright: tuple[np.ndarray, np.ndarray]


def measure_stacks(
    pictures: Mapping[str, Picture], truth: Truth | None
) -> dict[str, StackQuality | None]:
    """Measure the tools' stacks; None for one whose stars do not fit to the others'."""
    if truth is not None:
        common = night_stars(truth)
    else:
        base = pictures["siril"] if "siril" in pictures else next(iter(pictures.values()))
        common = detected_stars(base)
    places = {name: _place(common, picture) for name, picture in pictures.items()}
    found = {name: place for name, place in places.items() if place is not None}
    inside = np.ones(len(common), bool)
    for name, place in found.items():
        inside &= _well_inside(pictures[name], *apply(place, common.x, common.y))
    lone = np.flatnonzero(inside & isolated(common))
    lists = _synthetic_lists(common, lone) if truth is not None else _real_lists(common, lone)
    return {
        name: None if place is None else _measure(pictures[name], place, lists, common, lone, truth)
        for name, place in places.items()
    }


def detected_stars(picture: Picture) -> Stars:
    """The stars of a stack with windowed positions, brightest first."""
    table = quality.detect(picture.luminance)
    x, y = quality.windowed(picture.luminance, table["x"], table["y"])
    light = np.maximum(table["flux"], 1e-9)
    faintest = light.min(initial=math.inf)
    return Stars(x, y, light, np.sqrt(light / faintest), np.full(x.size, 3.0), np.zeros(x.size))


def isolated(stars: Stars) -> np.ndarray:
    """Which stars have no neighbour that would matter within ISOLATION_PX; (n,) bool."""
    apart = np.hypot(stars.x[:, None] - stars.x, stars.y[:, None] - stars.y)
    near = (apart < ISOLATION_PX) & (apart > 0.0)
    return np.asarray((near * stars.light).sum(axis=1) < NEIGHBOUR_SHARE * stars.light)


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


def _synthetic_lists(stars: Stars, lone: np.ndarray) -> _StarLists:
    def between(limits: tuple[float, float]) -> tuple[np.ndarray, np.ndarray]:
        kept = lone[(stars.light[lone] > limits[0]) & (stars.light[lone] < limits[1])]
        return stars.x[kept], stars.y[kept]

    return _StarLists(between(FAINT_ADU), between(BRIGHT_ADU))


def _real_lists(stars: Stars, lone: np.ndarray) -> _StarLists:
    """The brightest real stars; they are in order of brightness."""
    faint, bright = lone[:REAL_STARS], lone[:BRIGHT_STARS]
    return _StarLists((stars.x[faint], stars.y[faint]), (stars.x[bright], stars.y[bright]))


def _measure(
    picture: Picture,
    place: Affine,
    lists: _StarLists,
    common: Stars,
    lone: np.ndarray,
    truth: Truth | None,
) -> StackQuality:
    x, y = apply(place, *lists.faint)
    bright = apply(place, *lists.bright)
    busy = quality.busy_pixels(picture.luminance, picture.covered) | _border(picture)

    def snr(plane: np.ndarray) -> float:
        return quality.photometry(plane, x, y, busy, np.random.default_rng(SEED)).snr

    widths = [quality.star_widths(plane, *bright)[0] for plane in picture.planes]
    return StackQuality(
        snr=snr(picture.luminance) if x.size else math.nan,
        snr_rgb=tuple(snr(plane) if x.size else math.nan for plane in picture.planes),  # type: ignore[arg-type]
        fwhm_rgb=tuple(widths),  # type: ignore[arg-type]
        n_stars=x.size,
        used=picture.used,
        left_out=picture.left_out,
        truth=NO_TRUTH
        if truth is None
        else against_truth(picture, place, common, lone, busy, truth, MARGIN_PX),
    )


def _border(picture: Picture) -> np.ndarray:
    """The margin, where no empty aperture may lie either."""
    border = np.ones(picture.luminance.shape, bool)
    border[MARGIN_PX:-MARGIN_PX, MARGIN_PX:-MARGIN_PX] = False
    return border
