"""Noise and stars of a single frame."""

from __future__ import annotations

import numpy as np
import pytest

from crowdsky.stacking.kernels.frame import cell_noise
from crowdsky.stacking.registration.detect import NoStarsApartError, measure_frame

RGGB = ((0,), (1, 2), (3,))


@pytest.mark.parametrize("level", [100.0, 100.3, 100.5])
@pytest.mark.parametrize(("sigma", "off"), [(0.2, 0.2), (0.6, 0.1), (5.0, 0.15)])
def test_noise_of_whole_numbers(level: float, sigma: float, off: float) -> None:
    """Rounding adds a twelfth of a step to the variance, and there is no less."""
    rng = np.random.default_rng(4)
    mosaic = np.rint(rng.normal(level, sigma, (400, 400))).astype(np.float32)
    expected = (sigma**2 + 1 / 12) ** 0.5
    np.testing.assert_allclose(cell_noise(mosaic, 1), expected, atol=off)
    assert cell_noise(mosaic, 1).min() >= 12.0**-0.5


def test_a_plane_without_any_noise_has_none() -> None:
    mosaic = np.full((64, 64), 7.0, np.float32)
    mosaic[0::2, 0::2] += np.random.default_rng(1).normal(0.0, 3.0, (32, 32))
    noise = cell_noise(mosaic, 1)
    assert noise[0] == pytest.approx(3.0, rel=0.1)
    assert noise[1:].tolist() == [0.0, 0.0, 0.0]


def test_structure_all_over_the_frame_is_refused_in_words() -> None:
    rng = np.random.default_rng(2)
    blocks = np.kron(rng.normal(0.0, 400.0, (150, 130)), np.ones((16, 16)))
    mosaic = (1000.0 + blocks + rng.normal(0.0, 4.0, blocks.shape)).astype(np.float32)
    with pytest.raises(NoStarsApartError, match="bright structure covers it"):
        measure_frame(mosaic, RGGB)
