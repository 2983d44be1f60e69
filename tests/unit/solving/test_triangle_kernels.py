"""The compiled parts of the triangle matcher against plain numpy."""

from __future__ import annotations

import numpy as np
import pytest

from crowdsky.solving import triangle_kernels as kernel


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
        assert kernel.is_marked(marks, point, low, cell)
        for step in (cell, -cell, cell * 1j, cell * (1 - 1j)):
            inside = abs((point + step).real) < 100 and abs((point + step).imag) < 100
            assert kernel.is_marked(marks, point + step, low, cell) == inside
    cells = (np.arange(size) + 0.5) * cell
    grid = low + (cells[:, None] + 1j * cells)
    set_cells = sum(kernel.is_marked(marks, place, low, cell) for place in grid.ravel())
    assert 0 < set_cells <= 9 * len(some)
