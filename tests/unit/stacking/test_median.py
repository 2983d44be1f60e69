"""The median of a list, by sorting and by counting."""

from __future__ import annotations

import numpy as np
import pytest

from crowdsky.stacking.kernels.median import STEP, middle_of, room_for

FEW = 16
"""Number of values up to which the kernel sorts."""


def median(values: np.ndarray) -> float:
    """Compute the median with the kernel, on scratch that another pixel may have left."""
    scratch = np.full(room_for(values.size), -1e30, np.float32)
    scratch[: values.size] = values
    return float(middle_of(scratch, values.size))


@pytest.mark.parametrize("count", [1, 2, 3, FEW, FEW + 1, STEP - 1, STEP, STEP + 1, 90, 401])
@pytest.mark.parametrize("level", [0.0, 1000.0, -3e4])
def test_median_is_that_of_numpy(count: int, level: float) -> None:
    rng = np.random.default_rng(count)
    for spread in (1e-3, 20.0, 1e6):
        values = rng.normal(level, spread, count).astype(np.float32)
        middle = np.sort(values)[[(count - 1) // 2, count // 2]]
        assert median(values) == np.float32(0.5) * (middle[0] + middle[1])


@pytest.mark.parametrize("count", [5, 40, 41])
def test_equal_values_and_outliers_do_not_confuse_it(count: int) -> None:
    assert median(np.full(count, 7.5, np.float32)) == 7.5
    half = count // 2 + 1
    values = np.concatenate([np.full(half, 2.0), np.full(count - half, 3e38)])
    assert median(values) == 2.0
    assert median(-values) == -2.0
    assert median(np.concatenate([values, [-np.inf, -3e38]])) == 2.0


def test_the_middle_two_are_averaged() -> None:
    values = np.arange(100, dtype=np.float32)
    assert median(np.random.default_rng(1).permutation(values)) == 49.5
    assert median(np.repeat(values, 2)) == 49.5
    assert median(np.array([-0.0, 0.0] * 20, np.float32)) == 0.0
