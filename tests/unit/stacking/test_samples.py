"""The format of samples in memory, and the way back to ADU."""

from __future__ import annotations

import math

import numpy as np
import pytest

from crowdsky.stacking.integration.samples import LIMIT, sample_format


@pytest.mark.parametrize("ceiling", [255.0, 65535.0, 1.02 * 65535.0, 3.0 * 65535.0])
def test_steps_are_as_fine_as_the_range_allows(ceiling: float) -> None:
    kept = sample_format(ceiling, noise=ceiling / 800.0)
    assert kept.dtype is np.int16
    ends = kept.level(np.array([-0.25, 1.25]) * ceiling)
    assert np.abs(ends).max() <= LIMIT
    assert np.ptp(ends) > LIMIT, "half the step would do"
    assert math.frexp(kept.step)[0] == 0.5, "not a power of two"


@pytest.mark.parametrize(
    ("ceiling", "noise"),
    [(math.inf, 70.0), (65535.0, 7.0), (65535.0, 0.0), (65535.0, math.nan), (0.0, 70.0)],
)
def test_what_steps_could_spoil_is_kept_as_it_is(ceiling: float, noise: float) -> None:
    kept = sample_format(ceiling, noise)
    assert kept.dtype is np.float32
    levels = np.array([5.0, 0.0, 70000.0])
    np.testing.assert_array_equal(kept.level(levels), levels)
    assert (kept.step, kept.zero) == (1.0, 0.0)


def test_levels_come_back() -> None:
    kept = sample_format(65535.0, 70.0)
    levels = np.array([-1000.0, 0.0, 850.0, 66000.0])
    numbers = np.rint(kept.level(levels))
    np.testing.assert_allclose(kept.zero + kept.step * numbers, levels, atol=kept.step / 2)
