"""Small helpers on arrays."""

from __future__ import annotations

import numpy as np
import pytest

from crowdsky.base.arrays import median_of


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 10, 301])
def test_the_median_is_that_of_numpy(count: int) -> None:
    values = np.random.default_rng(count).normal(size=count)
    assert median_of(values) == np.median(values)
    assert median_of(np.ones(count)) == 1.0
