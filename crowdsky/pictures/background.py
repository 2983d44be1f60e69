"""Fits the sky behind a picture: a smooth gradient, and the small structure that it leaves.

Made for pictures. The photometry measures each star against its own surroundings and does not use
it, and the archive's planes keep their sky.

1. Stars and other sources are masked in the mean of the planes, pixel by pixel, and the sky of each
   cell of a mesh is the median of the pixels that are left (as in SExtractor, Bertin and Arnouts
   1996, A&AS 117, 393).
2. A polynomial of second order is fitted to the cells: first to their lower part (quantile
   regression, Koenker and Bassett 1978, Econometrica 46, 33), as objects only add light, then to
   the cells near it.
3. Cells that differ from it by more than OBJECT_SIGMA times the scatter of the sky are a large
   object: a galaxy, a nebula or a dark cloud. They and their surroundings are protected: nothing
   inside them counts, and the sky there is what the polynomial fitted around them says.
4. What is left in the other cells, smoothed over a few of them, is the local part; it fades to
   nothing inside a protected object.

Limits. Light that varies as slowly as the polynomial over the whole picture cannot be told from
sky: a nebula without an edge in the picture is taken for it in part, and its mean level entirely.
Light of less than OBJECT_SIGMA scatters of a cell (about a tenth of the noise of a pixel) is taken
for sky, too; so are the faint wings of stars in a crowd, half the noise of a pixel in the densest
Milky Way. A glow of the camera that stands out from the polynomial is taken for an object, and
stays. Where more than MOST_PROTECTED of the sky is protected, the polynomial is a plane, since a
curve would be guessed there.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from PIL import Image

from crowdsky.base.arrays import BoolArray, FloatArray
from crowdsky.base.errors import BadDataError
from crowdsky.frames.rounding import rounding_of
from crowdsky.pictures.planes import PicturePlanes, reduce_planes, resize_plane
from crowdsky.pictures.sky_mesh import MeshCells, box_mean, measure_cells, spread_of

WORK_SIZE = 1024
"""Longer side in pixels of the picture in which the sky is measured; larger ones are reduced."""
MIN_CELLS = 12
"""Number of cells with sky that a fit needs; the six terms of the polynomial are then sure."""
MIN_CELLS_ACROSS = 4
"""Number of rows and of columns of cells that a polynomial of second order needs."""
LOWER_PART = 0.3
"""Quantile of the cells that the first polynomial runs through."""
NEAR_SIGMA, OBJECT_SIGMA = 2.0, 2.5
MOST_AROUND = 0.5
"""Share of the nine cells around one that must differ likewise, for it to be in a large object."""
MOST_PROTECTED = 0.65
OBJECT_GROWTH_CELLS = 5
"""Width in cells of the box by which a protected object grows, so that its wings are inside."""
SMOOTHING_CELLS = 1.5
"""Standard deviation in cells of the Gaussian that smooths the local part."""
FAR_WEIGHT = 0.1
"""Weight, in cells that are all there, with which the local part tends to nothing."""
NOISE_OF_TWO = 1.25
"""Noise of what is smoothed twice, relative to what is smoothed once by the Gaussian."""
ROUNDS = 12


class NoSkyError(BadDataError):
    """A picture shows too little sky to fit it."""


@dataclass(frozen=True, slots=True)
class Background:
    """The sky of a picture.

    sky       -- float32 (planes, height, width), ADU; also where the picture is not covered
    error     -- standard error of the sky for each plane, ADU, where sky is seen, from the scatter
                 of the cells. It does not know what lifts all of them, such as faint stars; and
                 what is interpolated inside a large object may be off by more
    protected -- bool (height, width): large objects, in which the sky is interpolated
    seen      -- share of the covered picture whose sky was measured, 0 to 1
    """

    sky: np.ndarray
    error: tuple[float, ...]
    protected: BoolArray
    seen: float

    def subtract_from(self, picture: PicturePlanes) -> PicturePlanes:
        """Return the picture (of the same shape) without its sky; uncovered pixels stay 0."""
        planes = np.where(picture.covered, picture.planes - self.sky, np.float32(0))
        return PicturePlanes(planes, picture.covered)


def fit_background(picture: PicturePlanes) -> Background:
    """Fit the sky of each plane; what it estimates, and what it cannot, is told in the module.

    Args:
        picture: planes in ADU, on any scale, as ``load_planes`` reads them.

    Raises:
        NoSkyError: fewer than MIN_CELLS cells of the mesh show sky, or it is only a few wide.
    """
    cells = measure_cells(reduce_planes(picture, WORK_SIZE))
    _check_room(int(cells.seen.sum()), "show sky")
    if min(cells.seen.shape) < MIN_CELLS_ACROSS:
        raise NoSkyError(
            "cannot fit the sky",
            where="the picture",
            why=f"it is too narrow: {min(picture.covered.shape)} pixels",
            hint="give a larger picture",
        )
    protected, other = _protect(cells)
    used = cells.seen & ~other
    _check_room(int(used.sum()), "show sky beside large objects")
    order = 2 if protected.sum() <= MOST_PROTECTED * protected.size else 1
    fits = [_fit_plane(values, used, order) for values in cells.sky]
    height, width = picture.covered.shape
    size = (width, height)
    sky = np.empty((len(fits), height, width), dtype=np.float32)
    for plane, fit in zip(sky, fits, strict=True):
        plane[:] = resize_plane(fit.local.astype(np.float32), size, Image.Resampling.BICUBIC)
        _add_polynomial(plane, fit.numbers)
    inside = resize_plane(protected.astype(np.float32), size, Image.Resampling.NEAREST) > 0.5
    seen = float(used.sum() / (cells.covered | used).sum())
    return Background(sky, tuple(fit.error for fit in fits), inside, seen)


def _check_room(count: int, what: str) -> None:
    if count < MIN_CELLS:
        raise NoSkyError(
            "cannot fit the sky",
            where="the picture",
            why=f"{count} cells of its mesh {what}, and {MIN_CELLS} are needed",
            hint="give a larger picture, or a wider field",
        )


def _protect(cells: MeshCells) -> tuple[BoolArray, BoolArray]:
    """Find the cells of large objects with their surroundings, and all cells that are not sky.

    The planes are judged one by one: a red nebula may not show in blue. A cell that is far from the
    polynomial all by itself holds a bright star; it does not count, and needs no protection.
    """
    seen = cells.seen
    large, far = np.zeros_like(seen), np.zeros_like(seen)
    for values in cells.sky:
        around = np.maximum(box_mean(seen, 3), 1e-6)
        surface, spread = _fit_lower(values, seen)
        away = np.where(seen, values - surface, 0.0)
        for side in (away, -away):
            outside = seen & (side > OBJECT_SIGMA * spread)
            large |= outside & (box_mean(outside, 3) / around > MOST_AROUND)
            far |= outside
    protected = box_mean(large, OBJECT_GROWTH_CELLS) > 1e-6
    return protected, far | protected


def _fit_lower(values: FloatArray, seen: BoolArray) -> tuple[FloatArray, float]:
    """Fit a surface to the cells without objects; return it, and the scatter of a cell about it."""
    terms = _terms(values.shape, 2)
    design, sky = terms[:, seen].T, values[seen]
    rounding = rounding_of(float(np.max(np.abs(sky))), 1.0)
    numbers, spread = _quantile_fit(design, sky), 0.0
    for _ in range(ROUNDS):
        away = sky - design @ numbers
        # Objects add light: the scatter of the sky is that of its lower side.
        lower = away[away <= 0.0]
        spread = max(1.4826 * float(np.median(np.abs(lower))) if lower.size else 0.0, rounding)
        near = np.abs(away) < NEAR_SIGMA * spread
        if near.sum() < MIN_CELLS:
            break
        numbers = _least_squares(design[near], sky[near])
    return _polynomial(numbers, values.shape), spread


def _quantile_fit(design: FloatArray, values: FloatArray) -> FloatArray:
    """Minimise asymmetric absolute deviations, by least squares of changing weights."""
    numbers = np.zeros(design.shape[1])
    numbers[0] = np.quantile(values, LOWER_PART)
    floor = max(1e-3 * float(np.std(values)), 1e-12)
    for _ in range(4 * ROUNDS):
        away = values - design @ numbers
        weight = np.where(away > 0.0, LOWER_PART, 1.0 - LOWER_PART)
        root = np.sqrt(weight / np.maximum(np.abs(away), floor))
        numbers = _least_squares(design * root[:, None], values * root)
    return numbers


@dataclass(frozen=True, slots=True)
class _PlaneFit:
    """Polynomial, local part of the cells (rows, columns), and error of the sky; ADU."""

    numbers: FloatArray
    local: FloatArray
    error: float


def _fit_plane(values: FloatArray, used: BoolArray, order: int) -> _PlaneFit:
    """Fit the polynomial of one plane to the cells in use, and smooth what it leaves."""
    terms = _terms(values.shape, order)
    keep = used
    for _ in range(4):
        numbers = _least_squares(terms[:, keep].T, values[keep])
        away = np.where(used, values - _polynomial(numbers, values.shape), 0.0)
        limit = OBJECT_SIGMA * spread_of(away[keep])
        clipped = used & (np.abs(away) <= limit)
        if clipped.sum() < MIN_CELLS or (clipped == keep).all():
            break
        keep = clipped
    local = _smoothed(away, keep)
    # Smoothing lowers what it smooths; what it has left is smoothed once more.
    local += _smoothed(away - local, keep)
    missed = spread_of(_smoothed(away - local, keep)[keep])
    noise = spread_of((away - local)[keep]) / math.sqrt(4.0 * math.pi * SMOOTHING_CELLS**2)
    return _PlaneFit(numbers, local, math.hypot(missed, NOISE_OF_TWO * noise))


def _smoothed(cells: FloatArray, keep: BoolArray) -> FloatArray:
    """Average the cells to keep around each cell; far from any, the average tends to 0."""
    weight = _blurred(keep.astype(np.float64)) + FAR_WEIGHT
    return np.asarray(_blurred(np.where(keep, cells, 0.0)) / weight)


def _axes(shape: tuple[int, ...]) -> tuple[FloatArray, FloatArray]:
    """Return u (1, width) and v (height, 1) at the middles of the pixels or cells of a grid.

    They run from -1 to 1 between the edges of the picture, however fine the grid.
    """
    v, u = ((2.0 * np.arange(side) + 1.0) / side - 1.0 for side in shape)
    return u[np.newaxis], v[:, np.newaxis]


def _terms(shape: tuple[int, ...], order: int) -> FloatArray:
    """Return 1, u, v and with order 2 also u², uv, v², (3 or 6, height, width)."""
    u, v = _axes(shape)
    terms = [np.ones(shape), u, v]
    if order == 2:
        terms += [u * u, u * v, v * v]
    return np.stack([np.broadcast_to(term, shape) for term in terms])


def _polynomial(numbers: FloatArray, shape: tuple[int, ...]) -> FloatArray:
    """Evaluate the polynomial of these terms on a grid, without an array for each of them."""
    along, slope, down, u = _parts(numbers, shape)
    return np.asarray(along + slope * u + down)


def _add_polynomial(plane: np.ndarray, numbers: FloatArray) -> None:
    """Add the polynomial to a float32 plane, row by row, which needs no second plane."""
    along, slope, down, u = _parts(numbers, plane.shape)
    for row, tilt, level in zip(plane, slope[:, 0], down[:, 0], strict=True):
        row += along[0] + tilt * u[0] + level


def _parts(
    numbers: FloatArray, shape: tuple[int, ...]
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Return what depends on the column, the slope and the level of each row, and the columns."""
    u, v = _axes(shape)
    along, slope, down = numbers[0] + numbers[1] * u, 0.0 * v, numbers[2] * v
    if len(numbers) == 6:
        along, slope = along + numbers[3] * u * u, numbers[4] * v
        down = down + numbers[5] * v * v
    return along, slope, down, u


def _least_squares(design: FloatArray, values: FloatArray) -> FloatArray:
    return np.asarray(np.linalg.lstsq(design, values, rcond=None)[0])


def _blurred(cells: FloatArray) -> FloatArray:
    """Blur cells with a Gaussian of SMOOTHING_CELLS; beyond the edges they are 0."""
    for _ in range(2):
        places = np.arange(len(cells))
        weights = np.exp(-0.5 * ((places[:, None] - places) / SMOOTHING_CELLS) ** 2)
        cells = (weights / (math.sqrt(2.0 * math.pi) * SMOOTHING_CELLS) @ cells).T
    return cells
