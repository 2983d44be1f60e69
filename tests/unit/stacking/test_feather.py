"""Means in which the weight of a frame grows from its edges inwards."""

from __future__ import annotations

import numpy as np
import pytest

from crowdsky.stacking.kernels.combine import Combination, FrameTerms, Picture, Rejection
from crowdsky.stacking.kernels.samples import Samples

ROWS, WIDTH, FRAMES = 24, 300, 5
FEATHER_PX = 40.0
LEAST = 0.02
SPANS = ((0, 300), (0, 180), (100, 300), (60, 260), (150, 151))


def edges_of(spans: tuple[tuple[int, int], ...]) -> np.ndarray:
    """Frames that end left and right only; the other edges are far away."""
    far = (0.0, 0.0, 1e6)
    rows = [
        (1.0, 0.0, -float(first), -1.0, 0.0, float(end - 1), *far, *far) for first, end in spans
    ]
    return np.array(rows) / FEATHER_PX


def shares(spans: tuple[tuple[int, int], ...]) -> np.ndarray:
    x = np.arange(WIDTH, dtype=np.float64)
    ramps = [np.minimum(x - first, end - 1 - x) / FEATHER_PX for first, end in spans]
    inside = [(x >= first) & (x < end) for first, end in spans]
    return np.clip(ramps, LEAST, 1.0) * inside


@pytest.mark.parametrize("limit", [0.0, 4.5])
def test_mean_and_variance_have_the_weights_of_the_feather(limit: float) -> None:
    rng = np.random.default_rng(3)
    values = rng.normal(1000.0, 3.0, (ROWS, 1, FRAMES, WIDTH)).astype(np.float32)
    samples = Samples((ROWS, 1, FRAMES, WIDTH))
    samples.values[..., :WIDTH] = values
    samples.covered[:] = np.array(SPANS, np.int32)
    weights = np.array([1.0, 0.5, 2.0, 1.0, 1.0], np.float32)
    variances = np.full((1, FRAMES), 9.0, np.float32)
    terms = np.stack([weights, weights**2 * 9.0, 0.0 * weights]).astype(np.float64)
    picture = Picture.empty(1, (ROWS, WIDTH))
    if limit:
        # One sample far off: it goes, with its share.
        samples.values[7, 0, 2, 200] += 500.0
    near = np.zeros(((ROWS + 1) // 2, (WIDTH + 1) // 2), np.float32)
    combination = Combination(
        FrameTerms(weights, variances, terms, edges_of(SPANS)),
        Rejection(limit, np.array([1000.0]), np.array([0.0]), 0.0, near),
        np.ones(1),
        picture,
    )
    combination.band(samples, 0, ROWS, 0, np.zeros(ROWS * FRAMES * WIDTH, np.uint8))

    share = weights[:, None] * shares(SPANS)
    expected = (share * values[:, 0]).sum(axis=1) / share.sum(axis=0)
    variance = np.broadcast_to((share**2 * 9.0).sum(axis=0) / share.sum(axis=0) ** 2, (ROWS, WIDTH))
    if limit:
        share_there = share[:, 200].copy()
        share_there[2] = 0.0
        expected[7, 200] = (share_there * values[7, 0, :, 200]).sum() / share_there.sum()
        variance = variance.copy()
        variance[7, 200] = (share_there**2 * 9.0).sum() / share_there.sum() ** 2
        assert picture.rejected[7, 200] == 1
    # Beside the outlier what leans to its side goes, too.
    alike = picture.rejected == 0
    alike[7, 200] = True
    assert alike.mean() > 0.999
    np.testing.assert_allclose(picture.planes[0][alike], expected[alike], rtol=1e-6)
    np.testing.assert_allclose(picture.variance[0][alike], variance[alike], rtol=1e-5)
    np.testing.assert_array_equal(picture.footprint[0], (shares(SPANS) > 0).sum(axis=0))
