"""Fits and clips of stacking when nothing scatters, or when there is almost nothing."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits
from PIL import Image

from crowdsky.frames.rounding import rounding_of
from crowdsky.pictures.thumbnail import draw_picture
from crowdsky.sources.sep_extract import detect_stars
from crowdsky.stacking.engines.merge import _part
from crowdsky.stacking.engines.merge_look import Look
from crowdsky.stacking.engines.merge_look import look_at as look_at_stack
from crowdsky.stacking.engines.seestarpy_align import refine
from crowdsky.stacking.product.finished import FinishedStack
from crowdsky.stacking.product.merge_check import CannotMergeError
from crowdsky.stacking.registration.detect import FrameMeasure, Mesh, Stars
from crowdsky.stacking.registration.quality import judge
from crowdsky.stacking.registration.quick_look import look_at
from crowdsky.stacking.registration.register import Alignment, align
from crowdsky.stacking.registration.sky_difference import SkyDifference, fit_plane, sky_difference
from crowdsky.stacking.registration.transform import IDENTITY, fit_affine, fit_similarity

BOX = 32


class Nothing(FinishedStack):
    """A finished stack of which no pixel is covered."""

    def __init__(self) -> None:
        object.__setattr__(self, "path", Path("nothing.fits"))

    @property
    def size(self) -> tuple[int, int]:
        """(height, width)."""
        return 100, 80

    def rows(self, first: int, stop: int) -> tuple[np.ndarray, np.ndarray]:
        """No light and no subs."""
        shape = (stop - first, 80)
        return np.zeros((3, *shape), np.float32), np.zeros(shape, np.int32)


NOTHING = Nothing()


def stars(x: np.ndarray, y: np.ndarray) -> Stars:
    light = np.geomspace(1e5, 1e3, x.size) if x.size else np.empty(0)
    return Stars(x, y, light, light / 100.0, np.full(x.size, 3.0), np.full(x.size, 0.1))


def field(count: int, seed: int = 1) -> Stars:
    rng = np.random.default_rng(seed)
    return stars(rng.uniform(0.0, 1000.0, count), rng.uniform(0.0, 1900.0, count))


ON_A_LINE = stars(np.linspace(10.0, 900.0, 30), np.linspace(30.0, 1800.0, 30))
ODD_FIELDS = {
    "none": stars(np.empty(0), np.empty(0)),
    "one": field(1),
    "four": field(4),
    "at one place": stars(np.full(30, 100.1), np.full(30, 200.2)),
    "nearly at one place": stars(100.1 + 1e-12 * np.arange(30), 200.2 + 1e-12 * np.arange(30)),
    "on a line": ON_A_LINE,
    "on a grid": stars(*(100.0 * axis.ravel() for axis in np.mgrid[:6, :6])),
    "twice": stars(np.repeat(field(12).x, 2), np.repeat(field(12).y, 2)),
    "any": field(30),
}


ALIGNED = [ODD_FIELDS[name] for name in ("four", "on a line", "on a grid", "twice", "any")]
"""Those that are aligned with themselves; no two of all fields are."""


@pytest.mark.parametrize("reference", ODD_FIELDS.values(), ids=ODD_FIELDS.keys())
@pytest.mark.parametrize("frame", ODD_FIELDS.values(), ids=ODD_FIELDS.keys())
def test_odd_star_lists_are_aligned_or_not(frame: Stars, reference: Stars) -> None:
    found = align(frame, reference)
    alike = frame is reference and any(frame is known for known in ALIGNED)
    assert (found is not None) is alike
    if found is not None:
        np.testing.assert_allclose(found.transform, (1.0, 0.0, 0.0, 0.0, 1.0, 0.0), atol=1e-6)


def test_points_at_one_place_tell_no_transform() -> None:
    """The rounding errors between them would give any rotation and any scale."""
    ones = np.ones(7)
    x, y = np.full(7, 1234.1), np.full(7, 987.7)
    x[0] += 2e-13
    assert fit_similarity(x, y, x + 3.0, y, ones) is None
    assert fit_affine(x, y, x + 3.0, y, ones) is None
    assert fit_similarity(*[np.empty(0)] * 5) is None
    assert fit_similarity(x, y, x, y, np.zeros(7)) is None


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_points_without_a_place_tell_no_affine_transform(bad: float) -> None:
    some = field(30)
    x = some.x.copy()
    x[3] = bad
    with np.errstate(invalid="ignore"):
        assert fit_affine(x, some.y, some.x, some.y, np.ones(30)) is None
        assert fit_similarity(x, some.y, some.x, some.y, np.ones(30)) is None


def test_an_affine_fit_has_to_gain_more_than_rounding() -> None:
    """A stretch by a hundred millionth of a pixel is far below the accuracy of any centroid."""
    reference = field(60, 1)
    cos, sin = math.cos(0.05), math.sin(0.05)
    x, y = reference.x * (1.0 + 1e-11), reference.y
    seen = stars(cos * x - sin * y + 300.0, sin * x + cos * y + 5.0)
    found = align(seen, reference)
    assert found is not None
    a, b, _, d, e, _ = found.transform
    # To the last bit: a similarity has these two numbers twice.
    assert (a, b) == (e, -d)


def grid(rows: int, columns: int) -> tuple[np.ndarray, np.ndarray]:
    y, x = np.mgrid[:rows, :columns] * float(BOX) + (BOX - 1) / 2.0
    return x, y


def test_boxes_that_lie_on_a_plane_exactly_all_count() -> None:
    x, y = grid(20, 15)
    plane = 60000.0 + 0.1 * x - 0.2 * y
    found = sky_difference(Mesh(plane[None], BOX), Mesh(np.zeros((1, 20, 15)), BOX), IDENTITY, 1.0)
    assert found is not None
    # 60000 ADU are rounded by 1e-11, and the slopes' part of the constant as well.
    np.testing.assert_allclose(found.coefficients, [[60000.0, 0.1, -0.2]], rtol=1e-9, atol=1e-9)
    assert found.residual < 1e-8


def test_boxes_on_a_line_tell_no_slope_across_it() -> None:
    """Only the slope along the diagonal is known; rounding must not decide the other one."""
    levels = np.full((1, 20, 20), np.nan)
    levels[0, np.arange(20), np.arange(20)] = 100.0 + np.arange(20)
    found = sky_difference(Mesh(levels, BOX), Mesh(np.zeros((1, 20, 20)), BOX), IDENTITY, 1.0)
    assert found is not None
    ((level, per_x, per_y),) = found.coefficients
    # One ADU a box along it, half of it each way: the plane that is tilted the least.
    assert (per_x, per_y) == pytest.approx((0.5 / BOX, 0.5 / BOX), rel=1e-6)
    assert level == pytest.approx(100.0 - (BOX - 1) / 2.0 / BOX, rel=1e-6)


def test_places_that_leave_a_line_by_a_hair_tell_no_slope_across_it() -> None:
    """A thousandth of an ADU over a ten thousandth of a pixel would be 10 ADU per pixel."""
    along = np.linspace(0.0, 1000.0, 40)
    hair = np.where(np.arange(40) % 2, 1.0, -1.0)
    fitted, _ = fit_plane(along, along + 1e-4 * hair, 100.0 + 1e-3 * hair)
    np.testing.assert_allclose(fitted, [100.0, 0.0, 0.0], atol=1e-3)


@pytest.mark.parametrize("value", [0.0, 1000.1, -5.0, np.nan])
@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (40, 1), (2, 2), (20, 15)])
def test_skies_of_any_shape_have_a_difference_or_none(value: float, shape: tuple[int, int]) -> None:
    here = Mesh(np.full((1, *shape), value), BOX)
    found = sky_difference(here, Mesh(np.full((1, *shape), 7.0), BOX), IDENTITY, 1.0)
    assert (found is None) == math.isnan(value)
    if found is not None:
        np.testing.assert_allclose(found.coefficients, [[value - 7.0, 0.0, 0.0]], atol=1e-6)


def measure(noise: float) -> FrameMeasure:
    mesh = Mesh(np.full((3, 8, 8), 900.0), BOX)
    return FrameMeasure(field(20), 20, 3.0, 0.1, 0.0, np.full(3, 900.0), np.full(3, noise), mesh)


@pytest.mark.parametrize("known", [0.0, math.inf])
def test_a_stack_whose_noise_is_not_known_is_worth_as_much_per_sub(known: float) -> None:
    """A sliver of a picture has no two neighbouring blocks, and its variance is infinite."""
    looks = [
        Look(measure(5.0), measure(5.0).mesh, np.full(3, variance), np.full(3, variance))
        for variance in (math.inf, known or 4.0)
    ]
    same = Alignment(IDENTITY, np.arange(20), np.arange(20), 0.0)
    for look, reference in (looks, looks[::-1]):
        part = _part(NOTHING, look, reference, same)
        assert part is not None
        assert part.share == pytest.approx(1.0)


def test_a_stack_that_covers_nothing_is_refused_by_name() -> None:
    with pytest.raises(CannotMergeError, match="no sub covers any of its pixels"):
        look_at_stack(NOTHING, noise_known=True)


def test_rounding_is_no_unevenness_of_the_sky() -> None:
    """Without noise skies are planes but for rounding, which must not make one frame worse."""
    nothing = np.zeros((3, 3))
    skies = [SkyDifference(nothing, residual) for residual in (0.0, 1e-15, 0.0, 5e-12, 1e-5)]
    assert judge([measure(0.0)] * 5, [1.0] * 5, [1.0] * 5, skies) == [""] * 5
    assert rounding_of(900.0) > 1e-5


@pytest.mark.parametrize("level", [0.3, 1000.3, 60000.7])
def test_planes_without_noise_show_no_stars(level: float) -> None:
    """Each colour has a level of its own, so that the background of their mean is rounded."""
    planes = np.stack([np.full((200, 150), level * part) for part in (0.7, 1.0, 1.3)])
    rng = np.random.default_rng(2)
    steps = rng.integers(-1, 2, planes.shape)
    rounded = planes.astype(np.float32)
    rounded += steps * np.spacing(rounded)
    for flat in (planes.astype(np.float32), rounded):
        assert len(detect_stars(flat, np.ones((200, 150), np.uint8))) == 0


def test_a_star_on_a_sky_without_noise_is_one_star() -> None:
    y, x = np.mgrid[:200, :150]
    star = 500.0 * np.exp(-0.5 * ((x - 70.3) ** 2 + (y - 90.6) ** 2) / 1.5**2)
    planes = np.stack([level + star for level in (700.0, 1000.0, 1300.0)]).astype(np.float32)
    found = detect_stars(planes, np.ones((200, 150), np.uint8))
    assert len(found) == 1
    assert (found["x"][0], found["y"][0]) == pytest.approx((70.3, 90.6), abs=0.05)


def test_a_disc_without_a_peak_has_no_width() -> None:
    """The curvature of its light is only rounding, and the root of that could be anything."""
    rng = np.random.default_rng(3)
    mosaic = rng.normal(1000.0, 2.0, (400, 400))
    rows, columns = np.mgrid[:400, :400]
    for y in range(40, 380, 40):
        for x in range(40, 380, 40):
            near = np.hypot(columns - x - rng.random(), rows - y - rng.random())
            mosaic[near <= 4.5] = 3000.0
            mosaic[(near > 4.5) & (near <= 9.0)] = 1000.0
    look = look_at(mosaic.astype(np.float32))
    assert look.n_stars == 81
    assert math.isnan(look.fwhm_px)


@pytest.mark.parametrize("count", [1, 2, 3, 40])
def test_sources_at_one_place_are_refused_with_a_reason(count: int) -> None:
    sources = np.full((count, 2), 100.0)
    matrix, reason = refine(np.eye(3), sources, sources)
    assert matrix is None
    assert "stars match the reference" in reason


def drawn(path: Path, planes: np.ndarray) -> np.ndarray:
    fits.PrimaryHDU(planes.astype(np.float32)).writeto(path)
    picture = draw_picture(path, 512)
    assert isinstance(picture, Image.Image)
    return np.asarray(picture).astype(int)


@pytest.mark.parametrize("level", [1.3, 1000.3, 60000.7])
def test_the_grain_of_rounding_is_not_stretched(tmp_path: Path, level: float) -> None:
    rng = np.random.default_rng(4)
    planes = np.full((3, 200, 150), level, np.float32)
    planes += rng.integers(-1, 2, planes.shape) * np.spacing(planes)
    pixels = drawn(tmp_path / "flat.fits", planes)
    assert np.ptp(pixels.reshape(-1, 3), axis=0).max() <= 5


@pytest.mark.parametrize("share", [0.4, 0.6, 0.9])
@pytest.mark.parametrize("grain", [False, True])
def test_a_picture_of_two_levels_shows_both(tmp_path: Path, share: float, grain: bool) -> None:
    """However much of it is bright: the median is 0, 1, or 1 but for rounding."""
    planes = np.zeros((3, 100, 100), np.float32)
    bright = planes[:, : round(100 * share)]
    bright += 1000.3
    if grain:
        bright += np.random.default_rng(5).integers(-1, 2, bright.shape) * np.spacing(bright)
    pixels = drawn(tmp_path / "two.fits", planes)
    # The blur of the calm sky takes some of it along the border.
    assert pixels[5, 50].min() > 150
    assert pixels[97, 50].max() < 90


def test_what_a_level_is_rounded_by() -> None:
    assert rounding_of(-1000.0) == rounding_of(1000.0) == pytest.approx(9.5e-4, rel=0.01)
    assert rounding_of(0.0) == rounding_of(math.nan) == rounding_of(math.inf) == 0.0


def test_a_frame_whose_noise_is_0_is_judged_by_the_rest() -> None:
    blurred = replace(measure(0.0), fwhm_px=9.0)
    reasons = judge(
        [measure(0.0)] * 4 + [blurred],
        [1.0] * 5,
        [1.0] * 5,
        [SkyDifference(np.zeros((3, 3)), 0.0)] * 5,
    )
    assert [bool(reason) for reason in reasons] == [False] * 4 + [True]
