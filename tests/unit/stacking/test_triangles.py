"""Similarities found by the shapes of triangles, with known transforms."""

from __future__ import annotations

import numpy as np
import pytest

from crowdsky.stacking.registration.transform import Affine, apply, invert
from crowdsky.stacking.registration.triangles import similarity_by_triangles

WIDTH, HEIGHT = 1080.0, 1920.0


def two_lists(
    seed: int, count: int, share: float, scale: float = 1.0
) -> tuple[np.ndarray, np.ndarray, Affine]:
    """Return stars of two frames, (n, 2) and (m, 2), each a random share, and the transform."""
    rng = np.random.default_rng(seed)
    angle = rng.uniform(0.0, 2.0 * np.pi)
    cos, sin = scale * np.cos(angle), scale * np.sin(angle)
    true: Affine = (cos, -sin, rng.uniform(-300, 300), sin, cos, rng.uniform(-300, 300))
    x, y = rng.uniform(0.0, WIDTH, count), rng.uniform(0.0, HEIGHT, count)
    mine = np.column_stack([x, y])
    theirs = np.column_stack(apply(true, x, y)) + rng.normal(0.0, 0.1, (count, 2))
    return mine[rng.random(count) < share], theirs[rng.random(count) < share], true


def find(mine: np.ndarray, theirs: np.ndarray) -> Affine | None:
    return similarity_by_triangles(mine[:, 0], mine[:, 1], theirs[:, 0], theirs[:, 1])


def error_px(found: Affine | None, true: Affine) -> float:
    if found is None:
        return np.inf
    x, y = np.array([0.0, WIDTH, 0.0, WIDTH]), np.array([0.0, 0.0, HEIGHT, HEIGHT])
    (u, v), (s, t) = apply(found, x, y), apply(true, x, y)
    return float(np.hypot(u - s, v - t).max())


@pytest.mark.parametrize(
    ("count", "share", "scale", "least"),
    [(6, 1.0, 1.0, 20), (30, 0.8, 1.0, 20), (30, 0.6, 1.0, 17), (30, 0.8, 1.02, 20)],
)
def test_most_transforms_are_found_at_any_angle(
    count: int, share: float, scale: float, least: int
) -> None:
    """Also where each frame shows only some of the stars, which makes other neighbours."""
    errors = [error_px(find(*lists[:2]), lists[2]) for lists in (
        two_lists(seed, count, share, scale) for seed in range(20))]  # fmt: skip

    assert sum(error < 12.0 for error in errors) >= least


def test_mirror_images_are_not_found() -> None:
    mine, theirs, true = two_lists(1, 30, 1.0)

    found = find(mine * [-1.0, 1.0], theirs)

    assert found is None or error_px(found, true) > 100.0


def test_the_order_of_the_stars_does_not_matter() -> None:
    mine, theirs, _ = two_lists(2, 30, 0.9)

    assert find(mine[::-1], theirs) == pytest.approx(find(mine, theirs), abs=1e-9)


def test_another_scale_is_not_found() -> None:
    """A few stars on a line or a grid fit others at some scale."""
    mine, theirs, _ = two_lists(3, 30, 1.0, scale=1.5)

    assert find(mine, theirs) is None


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_too_few_stars_are_no_error(count: int) -> None:
    mine, theirs, _ = two_lists(4, 20, 1.0)

    assert find(mine[:count], theirs) is None
    assert find(mine, theirs[:count]) is None


def test_stars_found_twice_do_no_harm() -> None:
    mine, theirs, true = two_lists(5, 30, 0.9)

    found = find(np.repeat(mine, 2, axis=0), np.repeat(theirs, 2, axis=0) + 1e-9)

    assert error_px(found, true) < 12.0


def test_what_is_found_inverts() -> None:
    mine, theirs, true = two_lists(6, 30, 0.9)

    assert error_px(find(theirs, mine), invert(true)) < 12.0
