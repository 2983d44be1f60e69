"""The benchmark's measurements without noise, or with almost nothing to measure."""

from __future__ import annotations

import math

import numpy as np
import pytest

from bench import quality
from bench.best_weights import NOTHING, best_errors, spread, spread_ratio
from bench.completeness import completeness, find_peaks
from bench.patches import NO_PATCHES
from bench.stack_depth import measure_depth
from bench.stack_known import night_known, night_stars
from bench.stack_pictures import Picture
from bench.stack_quality import detected_stars, measure_stacks
from bench.stack_results import over, speed_ratio
from bench.stack_runs import Usage
from bench.stack_truth import against_truth, magnitude_line
from crowdsky.stacking.registration.transform import IDENTITY
from crowdsky.synthetic.sky import SEESTAR_S50, Night, Truth, plan, star_field

SIZE = 400
DEGENERATE = {
    "nothing": np.empty(0),
    "one": np.array([5.0]),
    "two": np.array([5.0, 7.0]),
    "constant": np.full(40, 1000.1),
    "zeros": np.zeros(40),
    "half the same": np.r_[np.full(30, 3.0), np.arange(10.0)],
    "all NaN": np.full(40, np.nan),
    "some NaN": np.r_[np.full(20, np.nan), np.arange(20.0)],
    "some infinite": np.r_[np.full(3, np.inf), np.full(3, -np.inf), np.arange(20.0)],
    "negative": -np.arange(40.0),
    "rounding": 1000.0 + 1e-13 * np.arange(40.0),
    "tiny": np.full(40, 1e-300),
}
degenerate = pytest.mark.parametrize("values", DEGENERATE.values(), ids=DEGENERATE.keys())


def places(count: int = 25) -> tuple[np.ndarray, np.ndarray]:
    at = np.linspace(40.0, SIZE - 40.0, round(count**0.5))
    x, y = np.meshgrid(at, at)
    return x.ravel(), y.ravel()


def picture(value: float = 0.0, light: float = 0.0) -> np.ndarray:
    """A picture without noise, with Gaussian stars at ``places``."""
    rows, columns = np.mgrid[:SIZE, :SIZE]
    made = np.full((SIZE, SIZE), value)
    for x, y in zip(*places(), strict=True):
        made += light * np.exp(-0.5 * ((columns - x) ** 2 + (rows - y) ** 2) / 1.5**2)
    return made.astype(np.float32)


def as_stack(plane: np.ndarray) -> Picture:
    return Picture(np.stack([plane] * 3), plane, np.ones(plane.shape, bool), 5, {})


@pytest.fixture(scope="module")
def truth() -> Truth:
    rng = np.random.default_rng(3)
    scene = star_field("Field", 150.0, 30.0, rng, radius_deg=0.3, stars_per_sq_deg=800.0,
                       index_dir=None)  # fmt: skip
    return plan(Night(scene, SEESTAR_S50.resized(SIZE, SIZE), n_subs=2), rng)


def test_a_line_keeps_the_stars_that_lie_on_it_exactly() -> None:
    """Their scatter is only rounding: three times that is no reason to leave any of them out."""
    mag = np.linspace(-12.5, -8.7, 300)
    slope, off = magnitude_line(10.0 ** (-0.4 * mag), 10.0 ** (-0.4 * 1.03 * mag))
    assert slope == pytest.approx(1.03, abs=1e-9)
    assert np.isfinite(off).all()


def test_stars_that_agree_among_each_other_are_not_all_left_out_for_the_sake_of_blends() -> None:
    """All blends are alike bright: they lift the first line without tilting it, so that the other
    stars hardly scatter and are all far from it."""
    mag = np.repeat(np.linspace(-12.5, -8.7, 60), 5)
    seen = mag.copy()
    seen[::5] -= 1.5
    slope, off = magnitude_line(10.0 ** (-0.4 * mag), 10.0 ** (-0.4 * seen))
    assert slope == pytest.approx(1.0, abs=1e-9)
    assert np.isnan(off[::5]).all()
    assert np.isfinite(np.delete(off, np.s_[::5])).all()


@pytest.mark.parametrize("count", [0, 1, 2])
def test_too_few_stars_tell_no_slope(count: int) -> None:
    light = np.geomspace(1e4, 1e5, count)
    slope, off = magnitude_line(light, light)
    assert math.isnan(slope)
    assert np.isnan(off).all()
    assert off.shape == light.shape


def test_stars_alike_in_brightness_tell_no_slope() -> None:
    slope, off = magnitude_line(np.full(50, 1e4), np.geomspace(9e3, 1.1e4, 50))
    assert math.isnan(slope)
    assert np.isnan(off).all()


@degenerate
def test_magnitudes_and_their_scatter_never_fail(values: np.ndarray) -> None:
    slope, off = magnitude_line(values, values[::-1])
    assert math.isnan(slope) == np.isnan(off).all()
    found = spread(off)
    assert found == NOTHING or found.value >= 0.0
    spread_ratio(off, values)


@degenerate
def test_best_weights_of_almost_nothing_never_fail(values: np.ndarray) -> None:
    off = best_errors(np.column_stack([values, values[::-1], values]), np.ones(3))
    assert off.shape == values.shape
    with np.errstate(over="ignore"):
        found = spread(off)
    assert found == NOTHING or found.value >= 0.0


def test_stacks_without_scatter_have_no_ratio_of_scatters() -> None:
    noise = 0.01 * np.random.default_rng(1).normal(size=50)
    for ours, theirs in ((0.0 * noise, 0.0 * noise), (0.0 * noise, noise), (noise, 0.0 * noise)):
        assert spread_ratio(ours, theirs) == NOTHING
    assert spread(np.array([0.01])) == NOTHING


def test_a_picture_that_shows_nothing_has_no_depth_and_no_peaks() -> None:
    x, y = places()
    planes, light = np.array([picture()] * 4), np.full((4, x.size), 1e5)
    everywhere = np.ones((SIZE, SIZE), bool)
    snr = np.full(x.size, 100.0)
    assert measure_depth(planes, planes[0], x, y, light, snr, NO_PATCHES, everywhere, None) is None
    found = find_peaks(picture(), x, y, everywhere)
    assert completeness([found]).value == 0.0
    nobody = find_peaks(picture(), x[:0], y[:0], everywhere)
    assert completeness([nobody]) == NOTHING


@degenerate
def test_a_clip_leaves_at_least_half_of_what_has_a_value(values: np.ndarray) -> None:
    known = np.isfinite(values)
    kept = quality.near_median(values, 4.0)
    assert not (kept & ~known).any()
    assert 2 * kept.sum() >= known.sum()


def test_lines_without_noise_or_points() -> None:
    along = np.linspace(50.0, 350.0, 100)
    flat = picture(7.0)
    flat[199:202] += 0.5
    found = quality.line_excess(flat, along, np.full_like(along, 200.0), np.array([0.0, 1.0]))
    assert found == pytest.approx((0.5, 0.0), abs=1e-6)
    nothing = quality.line_excess(flat, np.empty(0), np.empty(0), np.array([0.0, 1.0]))
    assert all(map(math.isnan, nothing))


def test_widths_of_what_is_no_star_are_not_known() -> None:
    holes = picture(0.0, 500.0)
    holes[::3] = np.nan
    x, y = places()
    for plane in (picture(), picture(7.0), holes):
        assert all(map(math.isnan, quality.star_widths(plane, x, y)))
    assert all(map(math.isnan, quality.star_widths(picture(0.0, 500.0), x * np.nan, y)))
    assert quality.star_widths(picture(0.0, 500.0), x, y)[0] == pytest.approx(
        2.3548 * 1.5, rel=0.01
    )


def test_rounding_is_not_taken_for_stars() -> None:
    # As a background that was subtracted leaves it: a float32 off, here and there.
    y, x = np.mgrid[:SIZE, :SIZE]
    rounded = (((x // 5 + y // 5) % 7 == 0) * 2.0**-13).astype(np.float32)
    rounded[200, 200] = 900.0
    assert len(quality.detect(rounded)) == 1
    assert len(detected_stars(as_stack(picture()))) == 0
    assert len(detected_stars(as_stack(picture(0.0, 500.0)))) == 25


def test_stacks_that_show_nothing_are_left_unmeasured(truth: Truth) -> None:
    known = night_known(truth, NO_PATCHES)
    assert measure_stacks({"native": as_stack(picture())}, known, truth) == {"native": None}
    assert measure_stacks({"native": as_stack(picture(3.0))}) == {"native": None}


@pytest.mark.parametrize(
    "plane", [picture(), picture(5.0), picture(0.0, 1e4)], ids=["black", "flat", "stars"]
)
@pytest.mark.parametrize("count", [0, 1, 20])
def test_truth_figures_of_too_little_are_not_known(
    truth: Truth, plane: np.ndarray, count: int
) -> None:
    stars = night_stars(truth)
    lone = np.arange(min(count, len(stars)))
    figures = against_truth(as_stack(plane), IDENTITY, stars, lone, truth, 30)
    assert figures.hottest == NOTHING  # there is no noise to measure it in
    if count < 3:
        assert math.isnan(figures.slope)


def test_no_figure_over_nothing_meets_a_target() -> None:
    assert math.isnan(over(1.0, 0.0))
    assert math.isnan(over(0.0, 0.0))
    assert math.isnan(over(1.0, math.nan))
    assert math.isnan(speed_ratio([Usage(1.0, 1.0)], []))
    assert math.isnan(speed_ratio([Usage(1.0, 1.0)], [Usage(0.0, 0.0)]))
