"""The compiled search for sources, compared with SEP's, whose method it has."""

from __future__ import annotations

import numpy as np
import pytest
import sep

from crowdsky.stacking.kernels.sources import Sources, TooManySourcesError, find_sources
from tests.support.levels import at_every_level

NOISE = 10.0
THRESHOLD = 5.0 * NOISE
LEAST_AREA = 4


def field(places: np.ndarray, seed: int = 1) -> np.ndarray:
    """Noise, and stars of any brightness at places (n, 2: y, x)."""
    rng = np.random.default_rng(seed)
    picture = rng.normal(0.0, NOISE, (300, 400))
    y, x = np.mgrid[-12:13, -12:13].astype(np.float64)
    for row, column in places:
        dy, dx = row % 1.0, column % 1.0
        star = 10.0 ** rng.uniform(2.0, 4.2) * np.exp(-((x - dx) ** 2 + (y - dy) ** 2) / 3.0)
        picture[int(row) - 12 : int(row) + 13, int(column) - 12 : int(column) + 13] += star
    return picture.astype(np.float32)


def apart(seed: int = 1) -> np.ndarray:
    lattice = np.stack(np.mgrid[20:290:30, 20:390:30], axis=-1).reshape(-1, 2)
    return lattice + np.random.default_rng(seed).uniform(-5.0, 5.0, lattice.shape)


def crowded() -> np.ndarray:
    return np.random.default_rng(1).uniform(15.0, [285.0, 385.0], (250, 2))


def by_sep(picture: np.ndarray) -> np.ndarray:
    found: np.ndarray = sep.extract(picture, 5.0, err=NOISE, minarea=LEAST_AREA, deblend_nthresh=16)
    return found


def assert_equal(ours: Sources, theirs: np.ndarray) -> None:
    assert len(ours.x) == len(theirs)
    order, to = np.lexsort((ours.x, ours.y)), np.lexsort((theirs["x"], theirs["y"]))
    for mine, name in zip(ours, ("x", "y", "flux", "x2", "y2"), strict=True):
        assert mine[order] == pytest.approx(theirs[name][to], rel=1e-5, abs=1e-4)


@pytest.mark.parametrize("seed", range(6))
def test_stars_apart_are_those_of_sep(seed: int) -> None:
    picture = field(apart(seed), seed)
    assert_equal(find_sources(picture, THRESHOLD, LEAST_AREA), by_sep(picture))


def test_stars_that_touch_are_split_as_sep_splits_them() -> None:
    """Which of them gets a pixel between them, SEP draws by lot."""
    picture = field(crowded())
    ours, theirs = find_sources(picture, THRESHOLD, LEAST_AREA), by_sep(picture)
    assert len(ours.x) == pytest.approx(len(theirs), rel=0.03)
    off = np.hypot(theirs["x"][:, None] - ours.x, theirs["y"][:, None] - ours.y).min(axis=1)
    assert np.mean(off < 1e-4) > 0.6
    assert np.mean(off < 0.5) > 0.96


@pytest.mark.parametrize("edge", [(0, 5), (5, 0), (29, 20), (10, 39), (0, 0), (29, 39)])
def test_a_source_at_the_edge_is_that_of_sep(edge: tuple[int, int]) -> None:
    y, x = np.mgrid[0:30, 0:40]
    light = 900.0 * np.exp(-((x - edge[1]) ** 2 + (y - edge[0]) ** 2) / 6.0)
    assert_equal(
        find_sources(light.astype(np.float32), THRESHOLD, 4), by_sep(light.astype(np.float32))
    )


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (9, 1), (2, 2), (7, 33)])
def test_pictures_of_any_shape_are_searched(shape: tuple[int, int]) -> None:
    assert find_sources(np.zeros(shape, np.float32), 1.0, 1).x.size == 0
    lit = find_sources(np.full(shape, 100.0, np.float32), 1.0, 1)
    assert lit.flux.tolist() == [100.0 * shape[0] * shape[1]]


def test_pixels_that_touch_at_corners_are_one_source() -> None:
    picture = np.zeros((12, 12), np.float32)
    picture[[2, 3, 4, 5, 6], [2, 3, 4, 5, 6]] = 1000.0
    found = find_sources(picture, 300.0, 1)  # smoothed: 375 on the diagonal, 250 beside it
    assert found.flux.tolist() == [5000.0]


def test_structure_all_over_the_picture_is_no_field_of_stars() -> None:
    blocks = np.kron(np.random.default_rng(1).normal(0.0, 1.0, (90, 90)), np.ones((9, 9)))
    with pytest.raises(TooManySourcesError):
        find_sources(blocks.astype(np.float32), 0.01, 4)


def test_what_is_no_threshold_is_refused() -> None:
    for threshold, area in ((0.0, 4), (-1.0, 4), (np.nan, 4), (5.0, 0)):
        with pytest.raises(ValueError, match="no sources of"):
            find_sources(field(apart()), threshold, area)


def test_every_level_gives_the_same_bits() -> None:
    found = [
        b"".join(column.tobytes() for column in module.find_sources(field(crowded()), THRESHOLD, 4))
        for module in at_every_level("crowdsky.stacking.kernels.sources")
    ]
    assert len(set(found)) == 1
