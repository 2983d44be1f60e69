"""Registration of star lists with known transforms."""

from __future__ import annotations

import math

import numpy as np
import pytest

from crowdsky.stacking.registration.detect import Stars
from crowdsky.stacking.registration.register import MIRROR_X, align
from crowdsky.stacking.registration.transform import Affine, apply, compose, invert, mirrored

WIDTH, HEIGHT = 1080.0, 1920.0


def field(count: int, seed: int) -> Stars:
    """A random field, brightest first."""
    rng = np.random.default_rng(seed)
    light = np.sort(10.0 ** rng.uniform(3.0, 5.5, count))[::-1]
    return Stars(
        x=rng.uniform(0.0, WIDTH, count),
        y=rng.uniform(0.0, HEIGHT, count),
        light=light,
        snr=light / 150.0,
        fwhm=np.full(count, 3.0),
        ellipticity=np.full(count, 0.1),
    )


def seen_through(stars: Stars, transform: Affine, seed: int, noise: float = 0.05) -> Stars:
    """Return the part of a field in a frame whose pixels ``transform`` takes to the field's."""
    rng = np.random.default_rng(seed)
    x, y = apply(invert(transform), stars.x, stars.y)
    x, y = x + rng.normal(0.0, noise, x.size), y + rng.normal(0.0, noise, y.size)
    seen = (x > 0) & (x < WIDTH) & (y > 0) & (y < HEIGHT) & (rng.random(x.size) < 0.9)
    return Stars(
        x[seen], y[seen], stars.light[seen], stars.snr[seen], stars.fwhm[seen],
        stars.ellipticity[seen],
    )  # fmt: skip


def turn(degrees: float, dx: float, dy: float, scale: float = 1.0) -> Affine:
    """A rotation about the middle of the frame, then a shift."""
    cos, sin = scale * math.cos(math.radians(degrees)), scale * math.sin(math.radians(degrees))
    x, y = WIDTH / 2, HEIGHT / 2
    return (cos, -sin, x - cos * x + sin * y + dx, sin, cos, y - sin * x - cos * y + dy)


def corner_error(found: Affine, true: Affine) -> float:
    x, y = np.array([0, WIDTH, 0, WIDTH]), np.array([0, 0, HEIGHT, HEIGHT])
    (u, v), (s, t) = apply(found, x, y), apply(true, x, y)
    return float(np.hypot(u - s, v - t).max())


@pytest.mark.parametrize(
    "true",
    [
        pytest.param(turn(0.02, 3.0, -2.0), id="drift"),
        pytest.param(turn(0.1, 160.0, -210.0), id="re-pointing"),
        pytest.param(turn(30.0, 40.0, 25.0), id="rotation of 30 degrees"),
        pytest.param(turn(-38.0, -20.0, 60.0), id="rotation of -38 degrees"),
        pytest.param(turn(180.4, 12.0, 8.0), id="meridian flip"),
        pytest.param(compose(turn(5.0, 10.0, 4.0), (-1.0, 0.0, WIDTH, 0.0, 1.0, 0.0)), id="mirror"),
        pytest.param(turn(45.2, 5.0, 5.0), id="rotation of 45 degrees"),
        pytest.param(turn(60.0, -30.0, 5.0), id="rotation of 60 degrees"),
        pytest.param(turn(90.0, 0.0, 20.0), id="quarter turn"),
        pytest.param(turn(-137.0, 5.0, 5.0), id="rotation of -137 degrees"),
        pytest.param(
            compose(turn(75.0, 10.0, 4.0), (-1.0, 0.0, WIDTH, 0.0, 1.0, 0.0)),
            id="mirrored and turned",
        ),
    ],
)
def test_a_frame_is_found_wherever_it_points(true: Affine) -> None:
    reference = field(80, seed=1)
    frame = seen_through(reference, true, seed=2)
    alignment = align(frame, reference)
    assert alignment is not None
    assert corner_error(alignment.transform, true) < 0.15
    assert alignment.residual_px < 0.15
    assert mirrored(alignment.transform) == mirrored(true)


def test_a_good_guess_is_enough_for_few_stars() -> None:
    reference = field(9, seed=3)
    true = turn(0.3, 40.0, -55.0)
    alignment = align(seen_through(reference, true, seed=4), reference, turn(0.3, 42.0, -53.0))
    assert alignment is not None
    assert corner_error(alignment.transform, true) < 0.3


@pytest.mark.parametrize("degrees", [67.0, -90.0, 140.0])
def test_few_stars_are_enough_for_a_far_rotation(degrees: float) -> None:
    """The two frames have about eight stars in common."""
    reference, true = field(14, seed=14), turn(degrees, 20.0, -10.0)
    alignment = align(seen_through(reference, true, seed=15), reference)
    assert alignment is not None
    assert corner_error(alignment.transform, true) < 0.3


@pytest.mark.parametrize(
    ("count", "fields"), [(6, 12), (15, 12), (60, 2), pytest.param(60, 12, marks=pytest.mark.every)]
)
def test_another_field_is_not_mistaken_for_this_one(count: int, fields: int) -> None:
    """At no angle, mirrored or not; though a few stars of two fields always come close."""
    for seed in range(10, 10 + fields):
        assert align(field(count, seed), field(count, seed + 100)) is None


def test_three_stars_are_too_few() -> None:
    stars = field(3, seed=5)
    assert align(stars, stars) is None


def test_distortion_asks_for_an_affine_fit() -> None:
    reference = field(80, seed=6)
    stretched: Affine = (1.002, 0.0005, 3.0, 0.0, 0.999, -4.0)
    alignment = align(seen_through(reference, stretched, seed=7), reference)
    assert alignment is not None
    assert corner_error(alignment.transform, stretched) < 0.15


def test_a_rigid_motion_stays_rigid() -> None:
    reference = field(80, seed=8)
    alignment = align(seen_through(reference, turn(2.0, 5.0, 5.0), seed=9), reference)
    assert alignment is not None
    a, b, _, d, e, _ = alignment.transform
    assert a == pytest.approx(e, abs=1e-12)
    assert b == pytest.approx(-d, abs=1e-12)


def test_some_wrong_stars_do_no_harm() -> None:
    rng = np.random.default_rng(11)
    reference = field(60, seed=12)
    true = turn(1.0, -14.0, 9.0)
    frame = seen_through(reference, true, seed=13)
    x, y = frame.x.copy(), frame.y.copy()
    wrong = rng.choice(x.size, x.size // 5, replace=False)
    x[wrong] += rng.uniform(-1.5, 1.5, wrong.size)
    y[wrong] += rng.uniform(-1.5, 1.5, wrong.size)
    disturbed = Stars(x, y, frame.light, frame.snr, frame.fwhm, frame.ellipticity)
    alignment = align(disturbed, reference)
    assert alignment is not None
    assert corner_error(alignment.transform, true) < 0.2


def test_transforms_invert_and_compose() -> None:
    first, second = turn(12.0, 4.0, -3.0, 1.01), compose(MIRROR_X, turn(-3.0, 1.0, 2.0))
    x, y = np.array([3.0, 700.0]), np.array([5.0, 1800.0])
    step = apply(second, *apply(first, x, y))
    np.testing.assert_allclose(apply(compose(second, first), x, y), step)
    np.testing.assert_allclose(apply(invert(second), *step), apply(first, x, y))
