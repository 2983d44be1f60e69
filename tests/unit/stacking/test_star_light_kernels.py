"""The compiled loops that map where stars shine."""

from __future__ import annotations

import numpy as np
import pytest

from crowdsky.stacking.kernels.star_light import highest_within, lower_medians
from tests.support.levels import at_every_level

MODULE = "crowdsky.stacking.kernels.star_light"
UNMOVED = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)


def median_of(
    frames: np.ndarray,
    inverses: list[tuple[float, ...]] | None = None,
    size: tuple[int, int] | None = None,
    kernel: object = lower_medians,
) -> np.ndarray:
    """The lower median of frames on a stack of ``size`` cells, without scale or sky."""
    count = len(frames)
    light = np.full(size or frames.shape[1:], np.nan, np.float32)
    moved = np.array(inverses or [UNMOVED] * count)
    assert callable(kernel)
    kernel(frames, moved, np.ones(count), np.zeros((count, 3)), 0, light)
    return light


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5])
def test_the_lower_median_is_taken(count: int) -> None:
    frames = np.random.default_rng(count).normal(size=(count, 7, 9)).astype(np.float32)
    expected = np.sort(frames, axis=0)[(count - 1) // 2]
    assert np.array_equal(median_of(frames), expected)


def test_scale_and_sky_are_applied() -> None:
    frames = np.full((1, 7, 6), 10.0, np.float32)
    light = np.empty((4, 6), np.float32)
    levels = np.array([[1.0, 0.5, 0.25]])
    lower_medians(frames, np.array([UNMOVED]), np.array([2.0]), levels, 3, light)
    y, x = np.mgrid[3:7, 0:6] * 2.0 + 0.5  # in pixels, at the centres of the cells
    assert light == pytest.approx(20.0 - (1.0 + 0.5 * x + 0.25 * y))


def test_cells_that_no_frame_covers_are_zero() -> None:
    frames = np.ones((2, 4, 4), np.float32)
    light = median_of(frames, [UNMOVED, (1.0, 0.0, 4.0, 0.0, 1.0, 0.0)], (5, 6))
    assert np.array_equal(light[:4, :4], np.ones((4, 4)))
    assert not light[4:].any()
    assert not light[:, 4:].any()


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e300, -1e17, 1e17])
@pytest.mark.parametrize("at", range(6))
def test_a_senseless_transform_reads_nothing_outside(value: float, at: int) -> None:
    inverse = list(UNMOVED)
    inverse[at] = value
    light = median_of(np.ones((1, 8, 8), np.float32), [tuple(inverse)])
    assert set(np.unique(light)) <= {0.0, 1.0}


@pytest.mark.parametrize("reach", [0, 1, 3, 50])
def test_the_highest_within_reach_is_found(reach: int) -> None:
    light = np.random.default_rng(1).normal(size=(11, 14)).astype(np.float32)
    out = np.empty_like(light)
    highest_within(light, reach, np.empty_like(light), out)
    for y, x in np.ndindex(light.shape):
        near = light[max(0, y - reach) : y + reach + 1, max(0, x - reach) : x + reach + 1]
        assert out[y, x] == max(near.max(), 0.0)


def test_wrong_shapes_are_refused() -> None:
    frames, light = np.ones((2, 4, 4), np.float32), np.empty((4, 4), np.float32)
    inverses, scales, levels = np.ones((2, 6)), np.ones(2), np.ones((2, 3))
    with pytest.raises(ValueError, match=r"inverses has the shape \(1, 6\), not \(2, 6\)"):
        lower_medians(frames, inverses[:1], scales, levels, 0, light)
    with pytest.raises(ValueError, match="scales"):
        lower_medians(frames, inverses, scales[:1], levels, 0, light)
    with pytest.raises(ValueError, match="levels"):
        lower_medians(frames, inverses, scales, levels[:, :2], 0, light)
    with pytest.raises(ValueError, match="without a cell"):
        lower_medians(frames[:, :0], inverses, scales, levels, 0, light)
    with pytest.raises(ValueError, match="across"):
        highest_within(light, 1, light[:2], np.empty_like(light))
    with pytest.raises(ValueError, match="out"):
        highest_within(light, 1, np.empty_like(light), light[:, :2])


def test_every_level_gives_the_same_bits() -> None:
    rng = np.random.default_rng(2)
    frames = rng.normal(100.0, 30.0, (5, 53, 71)).astype(np.float32)
    turned = [(np.cos(t), -np.sin(t), 3.3 * t, np.sin(t), np.cos(t), -t) for t in range(5)]
    results = []
    for module in at_every_level(MODULE):
        light = median_of(frames, turned, (60, 80), module.lower_medians)
        near = np.empty_like(light)
        module.highest_within(light, 3, np.empty_like(light), near)
        results.append((light, near))
    for light, near in results[1:]:
        assert light.tobytes() == results[0][0].tobytes()
        assert near.tobytes() == results[0][1].tobytes()
