"""What a picture of a synthetic mosaic is compared with: where its stars and its panels are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import sep

from crowdsky.solving.tan import deproject, project
from crowdsky.stacking.registration.detect import Stars
from crowdsky.stacking.registration.register import align
from crowdsky.synthetic.records import Truth
from crowdsky.synthetic.scenes import Scene

BRIGHTEST = 2500
"""Number of stars whose places are compared."""
CELL_STARS = 8
BLOCK_PX = 16
BESIDE_PX = (8.0, 40.0)
"""Distance from the edge of a panel, on either side, of the blocks that are compared there."""
LEAST_BLOCKS = 20
MOST_ERROR = 0.15
"""Error of a step in sigma, by the noise of its blocks, with which it still counts."""


@dataclass(frozen=True, slots=True)
class Plane:
    """A similarity from pixels of a picture to the plane that touches the sky in its middle."""

    ra_deg: float
    dec_deg: float
    turn: complex
    shift: complex
    mirrored: bool
    middle: complex
    scale_deg: float

    def pixels(self, ra_deg: np.ndarray, dec_deg: np.ndarray) -> np.ndarray:
        """Pixels x + i y of places on the sky."""
        xi, eta = project(ra_deg, dec_deg, self.ra_deg, self.dec_deg)
        flat = ((xi + 1j * eta) / self.scale_deg - self.shift) / self.turn
        return np.asarray((flat.conj() if self.mirrored else flat) + self.middle)


@dataclass(frozen=True, slots=True)
class Positions:
    """Errors of the places of stars, pixels: of a star along one axis, and of whole cells."""

    plane: Plane
    n_stars: int
    star_px: float
    median_cell_px: float
    worst_cell_px: float


def positions(
    picture: np.ndarray, covered: np.ndarray, scene: Scene, scale_deg: float
) -> Positions:
    """Compare stars with a similarity of the plane over the middle of the picture.

    Four numbers are fitted for all of it, so that whatever bends or shifts a panel shows.
    """
    height, width = picture.shape
    x, y, light = _stars(picture, covered)
    middle = (width - 1) / 2.0 + 1j * (height - 1) / 2.0
    seen = x + 1j * y - middle
    stars = scene.stars
    bright = np.argsort(stars.v_mag)[: 3 * BRIGHTEST]
    ra, dec, v_mag = stars.ra_deg[bright], stars.dec_deg[bright], stars.v_mag[bright]
    ra0, dec0, mirrored = scene.ra_deg, scene.dec_deg, False
    turn, shift = 1.0 + 0.0j, 0.0j
    for step, radius in enumerate((8.0, 4.0, 1.5, 1.5)):
        xi, eta = project(ra, dec, ra0, dec0)
        true = (xi + 1j * eta) / scale_deg
        if step == 0:
            mirrored, turn, shift = _start(seen, light, true, v_mag, max(height, width))
        own = seen.conj() if mirrored else seen
        mine, theirs = _pairs(turn * own + shift, true, radius)
        for _ in range(3):
            design = np.stack([own[mine], np.ones(mine.size)], axis=1)
            turn, shift = np.linalg.lstsq(design, true[theirs], rcond=None)[0]
            off = np.abs(design @ [turn, shift] - true[theirs])
            good = off < max(0.3, 3.0 * float(np.median(off)))
            mine, theirs = mine[good], theirs[good]
        if step < 3:
            # The tangent point is in the middle of the picture.
            place = shift * scale_deg
            ra0, dec0 = (float(v) for v in deproject(place.real, place.imag, ra0, dec0))
            shift = 0.0j
    off = (true[theirs] - turn * own[mine] - shift) / turn
    plane = Plane(ra0, dec0, turn, shift, mirrored, middle, scale_deg)
    cells = _of_cells(seen[mine] + middle, off)
    star = float(np.sqrt(np.mean(np.abs(off) ** 2) / 2.0))
    return Positions(plane, mine.size, star, float(np.median(cells)), float(cells.max()))


def _stars(picture: np.ndarray, covered: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    outside = np.ascontiguousarray(~covered)
    background = sep.Background(picture, mask=outside)
    clean = picture - background
    found = sep.extract(clean, 8.0, err=background.globalrms, mask=outside)
    found = found[np.argsort(-found["flux"], kind="stable")][:BRIGHTEST]
    x, y, _ = sep.winpos(clean, found["x"], found["y"], 1.3)
    return x, y, found["flux"]


def _start(
    seen: np.ndarray, light: np.ndarray, true: np.ndarray, v_mag: np.ndarray, side: int
) -> tuple[bool, complex, complex]:
    """Find out roughly how the picture lies, by its brightest stars, mirrored or not."""
    inside = np.abs(true) < 0.8 * side
    theirs = _listed(true[inside], 10.0 ** (-0.4 * v_mag[inside]))
    for mirrored in (False, True):
        found = align(_listed(seen.conj() if mirrored else seen, light), theirs)
        if found is None:
            continue
        a, b, c, d, e, f = found.transform
        if a * e - b * d > 0.0:
            return mirrored, a + 1j * d, c + 1j * f
    raise ValueError("the stars of the picture are not those of the scene")


def _listed(places: np.ndarray, light: np.ndarray) -> Stars:
    order = np.argsort(-light, kind="stable")[:300]
    alike = np.ones(order.size)
    return Stars(
        places.real[order], places.imag[order], light[order], 50.0 * alike, 3.0 * alike, 0.0 * alike
    )


def _pairs(placed: np.ndarray, true: np.ndarray, radius: float) -> tuple[np.ndarray, np.ndarray]:
    nearest = np.array([int(np.abs(true - one).argmin()) for one in placed])
    near = np.abs(true[nearest] - placed) < radius
    return np.flatnonzero(near), nearest[near]


def _of_cells(at: np.ndarray, off: np.ndarray) -> np.ndarray:
    """Lengths of the median offsets of cells of 216 x 384 pixels, a fifth of a panel each way."""
    names = np.floor(at.real / 216.0) * 1000 + np.floor(at.imag / 384.0)
    found = []
    for name in np.unique(names):
        here = off[names == name]
        if here.size >= CELL_STARS:
            found.append(float(np.hypot(np.median(here.real), np.median(here.imag))))
    return np.array(found or [np.nan])


def edge_steps(
    picture: np.ndarray, covered: np.ndarray, plane: Plane, panels: Sequence[Truth]
) -> tuple[float, float]:
    """Steps of the sky at the edges of panels inside the picture, in sigma of blocks of 16 x 16.

    Blocks outside and inside of each edge are compared, close to it. Returns the worst edge and the
    root of the mean square of all; that includes the noise of their blocks.
    """
    sky, whole, sigma = _blocks(picture, covered)
    steps = []
    for truth in panels:
        for inside, outside in _edges(truth, plane):
            here, there = _levels(sky, whole, inside), _levels(sky, whole, outside)
            if min(here.size, there.size) < LEAST_BLOCKS:
                continue
            # A median scatters by 1.25 times as much as a mean.
            if 1.25 * np.hypot(here.size**-0.5, there.size**-0.5) <= MOST_ERROR:
                steps.append(abs(float(np.median(here) - np.median(there))) / sigma)
    return max(steps, default=np.nan), float(
        np.sqrt(np.mean(np.square(steps)))
    ) if steps else np.nan


def _blocks(picture: np.ndarray, covered: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """Medians of blocks about a smooth surface, which blocks are covered, and their scatter."""
    height, width = (side // BLOCK_PX * BLOCK_PX for side in picture.shape)
    shape = (height // BLOCK_PX, BLOCK_PX, width // BLOCK_PX, BLOCK_PX)
    blocks = picture[:height, :width].reshape(shape).swapaxes(1, 2)
    medians = np.median(blocks.reshape(*blocks.shape[:2], -1), axis=2)
    whole = covered[:height, :width].reshape(shape).all(axis=(1, 3))
    y, x = np.indices(medians.shape) / max(medians.shape)
    design = np.stack([x**i * y**j for i in range(4) for j in range(4 - i)], axis=-1)
    kept = whole
    for _ in range(4):
        fit = np.linalg.lstsq(design[kept], medians[kept], rcond=None)[0]
        left = medians - design @ fit
        sigma = 1.4826 * float(np.median(np.abs(left[whole])))
        kept = whole & (np.abs(left) < 3.0 * sigma)
    return left, np.asarray(whole), sigma


def _edges(truth: Truth, plane: Plane) -> list[tuple[np.ndarray, np.ndarray]]:
    """Points of the picture beside each edge of a panel: inside and outside of it."""
    grid, camera = truth.night.grid, truth.night.camera
    width, height = camera.width, camera.height
    beside = np.arange(*BESIDE_PX, 8.0)
    edges = []
    for side in range(4):
        length = height if side < 2 else width
        along = np.arange(150.0, length - 150.0, 8.0)
        pair = []
        for sign in (1.0, -1.0):
            depth, run = (axis.ravel() for axis in np.meshgrid(sign * beside, along))
            if side < 2:
                x, y = (depth if side == 0 else width - 1 - depth), run
            else:
                x, y = run, (depth if side == 2 else height - 1 - depth)
            places = np.array([grid.to_sky(a, b) for a, b in zip(x, y, strict=True)])
            pair.append(plane.pixels(places[:, 0], places[:, 1]))
        edges.append((pair[0], pair[1]))
    return edges


def _levels(sky: np.ndarray, whole: np.ndarray, points: np.ndarray) -> np.ndarray:
    """The blocks at points, each once, those that are covered."""
    column = np.floor(points.real / BLOCK_PX).astype(int)
    row = np.floor(points.imag / BLOCK_PX).astype(int)
    inside = (row >= 0) & (column >= 0) & (row < sky.shape[0]) & (column < sky.shape[1])
    places = np.unique(row[inside] * sky.shape[1] + column[inside])
    chosen = places[whole.ravel()[places]]
    return np.asarray(sky.ravel()[chosen])
