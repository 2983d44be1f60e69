"""The compiled parts of the triangle matcher against plain numpy."""

from __future__ import annotations

import numpy as np
import pytest

from crowdsky.solving import triangle_kernels as kernel
from tests.support.levels import at_every_level


def is_marked(marks: np.ndarray, point: complex, low: complex, cell: float) -> bool:
    column, row = int((point - low).real // cell), int((point - low).imag // cell)
    inside = 0 <= row < len(marks) and 0 <= column < len(marks)
    return inside and bool(marks[row, column >> 3] >> (column & 7) & 1)


def points(count: int, seed: int = 3) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.uniform(-100, 100, count) + 1j * rng.uniform(-100, 100, count)


@pytest.mark.parametrize("count", [0, 1, 2, 60])
def test_pairs_are_those_of_all_against_all(count: int) -> None:
    some = points(count)
    first, second, length = kernel.pairs_up_to(some, 50.0)
    rows, columns = np.triu_indices(count, k=1)
    near = np.abs(some[columns] - some[rows]) <= 50.0
    assert set(zip(first, second, strict=True)) == set(zip(rows[near], columns[near], strict=True))
    assert len(first) == near.sum()
    np.testing.assert_allclose(length, np.abs(some[second] - some[first]))
    assert (np.diff(length) >= 0).all()


def test_marks_reach_a_cell_beyond_each_point() -> None:
    low, cell, size = complex(-100, -100), 1.7, 118
    some = points(40)
    marks = kernel.mark(some, low, cell, size)
    for point in some:
        assert is_marked(marks, point, low, cell)
        for step in (cell, -cell, cell * 1j, cell * (1 - 1j)):
            inside = abs((point + step).real) < 100 and abs((point + step).imag) < 100
            assert is_marked(marks, point + step, low, cell) == inside
    cells = (np.arange(size) + 0.5) * cell
    grid = low + (cells[:, None] + 1j * cells)
    set_cells = sum(is_marked(marks, place, low, cell) for place in grid.ravel())
    assert 0 < set_cells <= 9 * len(some)


def turned_field(count: int = 60) -> tuple[kernel.Picture, kernel.Tile, kernel.Search]:
    """A picture, a tile with most of its stars, and others, and a search that finds the plate."""
    rng = np.random.default_rng(4)
    stars = rng.uniform(0, 1080, count) + 1j * rng.uniform(0, 1920, count)
    sky = 2.4 * np.exp(1j) * (stars[: 2 * count // 3] - complex(540, 960))
    sky = np.concatenate([sky, 40.0 * points(200)])
    pairs = kernel.pairs_up_to(sky, 3000.0)
    low = complex(-4100, -4100)
    raster = kernel.paint(stars, complex(-0.5, -0.5), 3.0, 361, 641)
    return (
        kernel.Picture(stars, complex(540, 960), raster, complex(-0.5, -0.5), 3.0),
        kernel.Tile(sky, *pairs, kernel.mark(sky, low, 10.0, 820), low, 10.0, 3000.0),
        kernel.Search(40, 600, 1e9, 1_500_000, 2.4, 0.03, 40, 3, 1e-3, -30.0),
    )


def test_the_plate_of_a_turned_field_is_found() -> None:
    value, factor, shift = kernel.search_tile(*turned_field())
    assert value <= -30.0
    assert factor == pytest.approx(2.4 * np.exp(1j), rel=1e-9)
    assert shift + factor * complex(540, 960) == pytest.approx(0.0, abs=1e-6)


def test_indices_out_of_range_are_refused() -> None:
    picture, tile, search = turned_field()
    with pytest.raises(ValueError, match="pair_second has the shape"):
        kernel.search_tile(picture, tile._replace(pair_second=tile.pair_second[:-1]), search)
    with pytest.raises(ValueError, match="marks has the shape"):
        kernel.search_tile(picture, tile._replace(marks=tile.marks[:, :-1].copy()), search)
    with pytest.raises(ValueError, match="a row that the tile's stars do not have"):
        kernel.search_tile(picture, tile._replace(stars=tile.stars[:-1]), search)
    with pytest.raises(ValueError, match="a row that the picture's stars do not have"):
        kernel.search_tile(picture._replace(stars=picture.stars[:50]), tile, search)
    with pytest.raises(ValueError, match="60 stars cannot have 61 bright ones"):
        kernel.search_tile(picture, tile, search._replace(n_bright=61))


def test_points_that_are_nowhere_are_painted_nowhere() -> None:
    nowhere = np.array([complex(np.nan, 0), complex(np.inf, 1), complex(-1e300, 1e300)])
    assert (kernel.paint(nowhere, 0j, 1.0, 5, 4) == kernel.RASTER_EMPTY).all()
    assert not kernel.mark(nowhere, 0j, 1.0, 9).any()


def test_every_level_gives_the_same_bits() -> None:
    field, found = turned_field(), []
    for module in at_every_level("crowdsky.solving.triangle_kernels"):
        pairs = module.pairs_up_to(field[1].stars, 2500.0)
        marks = module.mark(points(90), complex(-100, -100), 1.7, 118)
        plate = np.array(module.search_tile(*field))
        found.append(b"".join(array.tobytes() for array in (*pairs, marks, plate)))
    assert len(set(found)) == 1
