"""Pointing the fields of a mosaic by the stars that they share."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from crowdsky.stacking.registration.attitudes import Anchor, point_fields
from crowdsky.stacking.registration.links import Link
from crowdsky.stacking.registration.view import Lens, View, affine_between

WIDTH, HEIGHT = 1080, 1920
LENS = Lens(87_000.0, ((WIDTH - 1) / 2.0, (HEIGHT - 1) / 2.0))
ERROR_PX = 0.05


def turned(x: float, y: float, z: float) -> np.ndarray:
    """Attitude after small rotations about the axes, radians."""
    spin = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    left, _, right = np.linalg.svd(np.eye(3) + spin)
    return np.asarray((left @ right).T)


def mosaic(bend: float) -> list[View]:
    """2 x 3 fields that overlap by a seventh, each rotated a little."""
    lens = replace(LENS, bend=bend)
    across, down = 0.85 * WIDTH / lens.focal_px, 0.85 * HEIGHT / lens.focal_px
    places = [(column, row) for row in range(3) for column in range(2)]
    return [View(lens, turned(-row * down, column * across, 0.01 * (row + 2 * column)))
            for column, row in places]  # fmt: skip


def links_of(views: list[View], rng: np.random.Generator, error: float) -> list[Link]:
    links = []
    for one in range(len(views)):
        for other in range(one + 1, len(views)):
            x, y = rng.uniform(0, WIDTH - 1, 900), rng.uniform(0, HEIGHT - 1, 900)
            u, v = views[other].pixels(views[one].directions(x, y))
            seen = (u >= 0) & (u < WIDTH) & (v >= 0) & (v < HEIGHT)
            if seen.sum() < 20:
                continue
            mine, theirs = np.stack([x, y], 1)[seen], np.stack([u, v], 1)[seen]
            count = len(mine)
            links.append(Link(
                one, other, mine + rng.normal(0, error, mine.shape),
                theirs + rng.normal(0, error, mine.shape), np.full(count, 0.07),
                np.zeros(count), np.full(count, 0.05),
            ))  # fmt: skip
    return links


def worst_px(found: dict[int, View], true: list[View]) -> float:
    """Largest error of any corner of any field, relative to the first field, pixels."""
    x, y = (np.array(c, float) for c in ((0, 1079, 0, 1079), (0, 0, 1919, 1919)))
    worst = 0.0
    for number, view in enumerate(true):
        seen = found[0].pixels(found[number].directions(x, y))
        meant = true[0].pixels(view.directions(x, y))
        worst = max(worst, float(np.hypot(seen[0] - meant[0], seen[1] - meant[1]).max()))
    return worst


@pytest.mark.parametrize("bend", [0.0, 3e-4])
def test_fields_are_pointed_from_the_stars_in_common(bend: float) -> None:
    true = mosaic(bend)
    found = point_fields(LENS, 6, links_of(true, np.random.default_rng(1), ERROR_PX), {})
    assert sorted(found) == list(range(6))
    assert found[0].lens.bend == pytest.approx(bend, abs=5e-5)
    assert worst_px(found, true) < 0.25


def test_a_link_between_wrong_stars_is_dropped() -> None:
    true = mosaic(0.0)
    rng = np.random.default_rng(2)
    links = links_of(true, rng, ERROR_PX)
    wrong = replace(links[0], theirs=links[0].theirs + np.array([25.0, -14.0]))
    found = point_fields(LENS, 6, [wrong, *links[1:]], {})
    # The link that is gone held one field better.
    assert worst_px(found, true) < 1.0


def test_only_what_is_linked_is_pointed_without_anchors() -> None:
    true = mosaic(0.0)
    links = [link for link in links_of(true, np.random.default_rng(3), ERROR_PX) if link.other < 3]
    assert sorted(point_fields(LENS, 6, links, {})) == [0, 1, 2]


def test_anchors_point_fields_that_share_nothing() -> None:
    """The focal length that was assumed is 0.8 % off, as that of a Seestar's header."""
    rng = np.random.default_rng(4)
    true = [mosaic(0.0)[0], mosaic(0.0)[5]]
    anchors = {}
    for number, view in enumerate(true):
        pixels = np.stack([rng.uniform(0, WIDTH - 1, 60), rng.uniform(0, HEIGHT - 1, 60)], axis=1)
        seen = pixels + rng.normal(0, 0.1, pixels.shape)
        anchors[number] = Anchor(seen, view.directions(*pixels.T), 0.1)
    found = point_fields(replace(LENS, focal_px=87_700.0), 2, [], anchors)
    x, y = (np.array(c, float) for c in ((0, 1079, 0, 1079), (0, 0, 1919, 1919)))
    for number, view in enumerate(true):
        u, v = view.pixels(found[number].directions(x, y))
        assert np.hypot(u - x, v - y).max() < 0.2


def test_an_affine_transform_fits_a_tile_of_a_wide_canvas() -> None:
    field = View(LENS, turned(0.02, 0.02, 0.1))
    canvas = View(replace(LENS, middle=(0.0, 0.0)), np.eye(3))
    x0, y0 = (
        float(v[0]) for v in canvas.pixels(field.directions(np.array([540.0]), np.array([9.0e2])))
    )
    a, b, c, d, e, f = affine_between(canvas, field, (x0, x0 + 1023.0), (y0, y0 + 127.0))
    x, y = np.meshgrid(np.linspace(x0, x0 + 1023.0, 9), np.linspace(y0, y0 + 127.0, 5))
    u, v = field.pixels(canvas.directions(x.ravel(), y.ravel()))
    off = np.hypot(a * x.ravel() + b * y.ravel() + c - u, d * x.ravel() + e * y.ravel() + f - v)
    assert off.max() < 0.05
