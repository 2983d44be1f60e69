"""The compiled loops of pictures: what they compute, and the same bits on every processor."""

from __future__ import annotations

import numpy as np
import pytest

from crowdsky.pictures.picture_kernels import (
    add_scale,
    colour_pixels,
    energy_of,
    smoothed,
    turn_into_shares,
)
from tests.support.levels import at_every_level

RNG = np.random.default_rng(4)


def plane(height: int = 37, width: int = 53) -> np.ndarray:
    return RNG.normal(0.0, 1.0, (height, width)).astype(np.float32)


def spline(values: np.ndarray, step: int) -> np.ndarray:
    """The convolution along the last axis by its definition, with repeated edges."""
    places = np.arange(values.shape[-1])
    taps = zip((-2, -1, 0, 1, 2), (1, 4, 6, 4, 1), strict=True)
    parts = [
        weight / 16 * values[..., np.clip(places + shift * step, 0, len(places) - 1)]
        for shift, weight in taps
    ]
    return np.sum(parts, axis=0)


@pytest.mark.parametrize("step", [1, 2, 4])
@pytest.mark.parametrize("shape", [(37, 53), (5, 3), (1, 9), (9, 1)])
def test_a_plane_is_convolved_with_the_spline(shape: tuple[int, int], step: int) -> None:
    values = plane(*shape)
    expected = spline(spline(values.astype(np.float64), step).T, step).T
    np.testing.assert_allclose(smoothed(values, step), expected, atol=1e-6)
    np.testing.assert_array_equal(smoothed(values.T, step), smoothed(values.T.copy(), step))


def test_a_scale_keeps_what_its_energy_deserves() -> None:
    finer, wider, noise = plane(), plane(), np.abs(plane()) + np.float32(0.5)
    share = energy_of(finer, wider, noise)
    relative = (finer - wider) / noise
    np.testing.assert_allclose(share, relative**2, rtol=1e-6)
    turn_into_shares(share, 0.8, 0.4, 0.12)
    expected = np.clip(0.8 * np.abs(relative) - 0.4, 0.12, 1.0)
    np.testing.assert_allclose(share, expected, atol=1e-6)
    kept = wider.copy()
    add_scale(kept, finer, wider, share, 0.12)
    part = np.where(share > np.float32(0.12), share, 0.0)
    np.testing.assert_allclose(kept, wider + (finer - wider) * part, atol=1e-6)


def test_colours_do_not_change_how_bright_a_pixel_is() -> None:
    level = np.linspace(0.1, 0.5, 37 * 53, dtype=np.float32).reshape(37, 53)
    ratios = np.stack([1.0 + 0.2 * np.tanh(plane()) for _ in range(3)]).astype(np.float32)
    weights = np.array([0.3, 0.5, 0.2])
    covered = np.ones(level.shape, dtype=bool)
    covered[3] = False
    shown = colour_pixels(level, ratios, covered, weights, 0.5)
    assert (shown[3] == 0).all()
    mean = shown[covered] @ weights
    np.testing.assert_allclose(mean, 255.0 * level[covered], atol=0.51)
    shift = level * (ratios - 1.0)
    shift -= np.tensordot(weights, shift, 1)
    expected = 255.0 * np.moveaxis(level + shift, 0, -1)
    np.testing.assert_allclose(shown[covered], expected[covered], atol=0.51)


def test_a_pixel_brighter_than_white_is_brought_nearer_to_grey() -> None:
    level = np.full((1, 1), 0.9, dtype=np.float32)
    ratios = np.array([2.0, 1.0, 0.6], dtype=np.float32).reshape(3, 1, 1)
    red, green, blue = colour_pixels(level, ratios, level > 0, np.full(3, 1 / 3), 0.5)[0, 0]
    assert red == 255
    assert green > 195, "184 without"
    assert blue > 110, "92 without"


def test_other_shapes_are_refused() -> None:
    with pytest.raises(ValueError, match="noise has the shape"):
        energy_of(plane(), plane(), plane(5, 5))
    with pytest.raises(ValueError, match="ratios has the shape"):
        colour_pixels(plane(), np.ones((3, 2, 2), np.float32), plane() > 0, np.ones(3), 0.5)


def test_every_processor_gives_the_same_bits() -> None:
    values, noise = plane(), np.abs(plane()) + np.float32(0.5)
    level, ratios = np.abs(np.tanh(values)), np.abs(np.stack([plane(), plane(), plane()]))
    results = []
    for module in at_every_level("crowdsky.pictures.picture_kernels"):
        smooth = module.smoothed(values, 2)
        share = module.energy_of(values, smooth, noise)
        module.turn_into_shares(share, 0.8, 0.4, 0.12)
        kept = smooth.copy()
        module.add_scale(kept, values, smooth, share, 0.12)
        colours = module.colour_pixels(level, ratios, level > 0.1, np.full(3, 1 / 3), 0.5)
        results.append((smooth, share, kept, colours))
    for other in results[1:]:
        for one, same in zip(results[0], other, strict=True):
            np.testing.assert_array_equal(one, same)
