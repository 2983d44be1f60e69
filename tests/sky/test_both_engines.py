"""What both engines promise, against skies with known truth; each test runs once with each.

The native engine is CrowdSky's own: it repairs hot pixels, aligns, weighs and rejects by measured
noise, and integrates in bands of rows. seestarpy finds, matches, debayers and averages whole
frames, with CrowdSky's repairs around it: it leaves unaligned subs out and fills no borders. What
only the native engine promises is in ``test_native_stack`` and its neighbours.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from crowdsky.base.errors import ConfigurationError, NoUsableFramesError
from crowdsky.stacking.records import StackResult
from crowdsky.stacking.stack_files import ENGINES, stack_files
from crowdsky.synthetic.sky import Truth
from tests.sky.conftest import FIRST_START, MakeNight

pytestmark = pytest.mark.slow

Stack = Callable[..., StackResult]

STAGES = (
    ("check", "defects", "detect", "align", "integrate", "write"),
    ("detect", "align", "warp", "combine", "write"),
)
"""Of the native engine and of seestarpy; none is the name of a later stage of a job."""

with_each_engine = pytest.mark.parametrize("stack", ENGINES, indirect=True)
"""For the tests that seestarpy passes in the first tier too."""


@pytest.fixture(params=["native", pytest.param("seestarpy", marks=pytest.mark.every)])
def stack(request: pytest.FixtureRequest, tmp_path: Path) -> Stack:
    """Stack files into ``stack.fits``, once with each engine."""

    def run(paths: list[Path], **options: object) -> StackResult:
        options.setdefault("engine", request.param)
        return stack_files(paths, tmp_path / "stack.fits", **options)  # type: ignore[arg-type]

    return run


def planes(result: StackResult) -> np.ndarray:
    """(3, height, width) of a product."""
    with fits.open(result.output_path) as hdus:
        return np.stack([hdus[name].data for name in ("RED", "GREEN", "BLUE")])


def footprint(result: StackResult) -> np.ndarray:
    return np.asarray(fits.getdata(result.output_path, "FOOTPRINT"))


def used(result: StackResult) -> list[bool]:
    return [frame.used for frame in result.frames]


def reference_index(result: StackResult) -> int:
    """Return the index of the sub whose pixels are those of the stack."""
    (index,) = [i for i, frame in enumerate(result.frames) if frame.reason.startswith("reference ")]
    return index


def corner_errors(result: StackResult, truth: Truth) -> list[float]:
    """Largest distance in pixels between found and true transform over the frame, per used sub."""
    reference = reference_index(result)
    camera = truth.night.camera
    corners = [(x, y) for x in (0.0, camera.width - 1.0) for y in (0.0, camera.height - 1.0)]
    errors = []
    for index, frame in enumerate(result.frames):
        if frame.transform is None:
            continue
        found, true = frame.transform, truth.transform(index, to=reference)
        errors.append(
            max(
                math.hypot(
                    (found[0] - true[0]) * x + (found[1] - true[1]) * y + found[2] - true[2],
                    (found[3] - true[3]) * x + (found[4] - true[4]) * y + found[5] - true[5],
                )
                for x, y in corners
            )
        )
    return errors


def empty_noise(result: StackResult) -> float:
    """Noise of the green sky between the stars, ADU, robust against them."""
    green = planes(result)[1][60:-60, 60:-60]
    difference = green[:, 2:] - green[:, :-2]
    return float(1.4826 * np.median(np.abs(difference - np.median(difference))) / math.sqrt(2))


@with_each_engine
def test_every_sub_is_aligned_to_a_fraction_of_a_pixel(make_night: MakeNight, stack: Stack) -> None:
    truth = make_night(n_subs=6, rotation_deg_per_hour=180.0, dither_px=15.0, jump_at=3)
    result = stack(truth.paths)
    assert used(result) == [True] * 6
    assert max(corner_errors(result, truth)) < 0.35
    assert result.notes == ()


def test_stars_of_the_stack_are_where_they_should_be(make_night: MakeNight, stack: Stack) -> None:
    truth = make_night(n_subs=5)
    result = stack(truth.paths)
    with fits.open(result.output_path) as hdus:
        stars = hdus["STAR-TAB"].data
        found = np.column_stack([stars["x"], stars["y"]])[:20]
    true = np.column_stack(truth.stars_in(reference_index(result)))
    distance = np.hypot(*(found[:, None] - true[None]).transpose(2, 0, 1)).min(axis=1)
    assert np.median(distance) < 0.15


def test_noise_falls_with_the_square_root_of_the_number(
    make_night: MakeNight, stack: Stack
) -> None:
    truth = make_night(n_subs=9, dither_px=8.0)
    noise_of_two = empty_noise(stack(truth.paths[:2]))
    noise_of_nine = empty_noise(stack(truth.paths))
    assert noise_of_two / noise_of_nine == pytest.approx(math.sqrt(9 / 2), rel=0.12)


@with_each_engine
def test_colours_land_in_their_planes(make_night: MakeNight, stack: Stack) -> None:
    truth = make_night(n_subs=3)
    result = stack(truth.paths)
    red, green, blue = planes(result)
    sky = [float(np.median(plane[60:-60, 60:-60])) for plane in (red, green, blue)]
    expected = [truth.night.camera.bias_adu + level for level in truth.night.sky_adu]
    np.testing.assert_allclose(sky, expected, rtol=0.02)
    # The reddest and the bluest of the bright stars, told apart by what the stack shows of them.
    x, y = truth.stars_in(reference_index(result))
    inside = (x > 40) & (x < 440) & (y > 40) & (y < 600)
    flux = truth.star_flux
    bright = np.flatnonzero(inside & (flux[:, 1] > 20000) & (flux[:, 1] < 300000))
    ratio = np.log(flux[bright, 0] / flux[bright, 2])
    assert np.ptp(ratio) > 0.8
    measured = []
    for star in bright:
        rows = slice(round(y[star]) - 5, round(y[star]) + 6)
        columns = slice(round(x[star]) - 5, round(x[star]) + 6)
        light = [(plane[rows, columns] - level).sum() for plane, level in
                 ((red, sky[0]), (blue, sky[2]))]  # fmt: skip
        measured.append(math.log(max(light[0], 1) / max(light[1], 1)))
    assert np.corrcoef(ratio, measured)[0, 1] > 0.9


@pytest.mark.parametrize("pattern", ["RGGB", "GBRG", "BGGR"])
def test_other_patterns_give_the_same_colours(
    make_night: MakeNight, stack: Stack, pattern: str
) -> None:
    camera = make_night("probe", n_subs=1).night.camera
    changed = type(camera)(width=camera.width, height=camera.height, pattern=pattern)
    truth = make_night(n_subs=2, camera=changed)
    sky = np.median(planes(stack(truth.paths))[:, 60:-60, 60:-60], axis=(1, 2))
    expected = [camera.bias_adu + level for level in truth.night.sky_adu]
    np.testing.assert_allclose(sky, expected, rtol=0.02)


def test_frames_that_cannot_be_aligned_are_not_in_the_product(
    make_night: MakeNight, stack: Stack, tmp_path: Path
) -> None:
    truth = make_night(n_subs=5)
    # Begun so early that the middle of the chunk, and with it the reference, stays the same.
    early = FIRST_START + timedelta(seconds=0.5)
    stranger = make_night("other", n_subs=1, seed=99, start=early)
    alone = planes(stack(truth.paths))
    mixed = stack([*truth.paths[:2], *stranger.paths, *truth.paths[2:]])
    assert used(mixed) == [True, True, False, True, True, True]
    assert mixed.frames[2].transform is None
    assert "match" in mixed.frames[2].reason
    assert "1 of 6 subs left out" in mixed.notes[0]
    assert (mixed.n_frames_input, mixed.n_frames_aligned, mixed.total_exptime) == (6, 5, 50.0)
    np.testing.assert_allclose(planes(mixed), alone, atol=0.01)
    assert footprint(mixed).max() == 5


def test_a_bad_sub_in_the_middle_does_not_sink_the_chunk(
    make_night: MakeNight, stack: Stack
) -> None:
    truth = make_night(n_subs=5, trailed=(2,), smear_px=25.0)
    result = stack(truth.paths)
    assert reference_index(result) != 2
    assert used(result) == [True, True, False, True, True]


def test_a_cloudy_sub_is_in_by_its_stars_or_out(make_night: MakeNight, stack: Stack) -> None:
    truth = make_night(n_subs=5, cloudy=(2,))
    result = stack(truth.paths)
    assert sum(used(result)) >= 4
    assert max(corner_errors(result, truth)) < 0.6


def test_two_targets_mixed_give_the_larger_one(make_night: MakeNight, stack: Stack) -> None:
    ours = make_night(n_subs=4, seed=1)
    others = make_night("other", n_subs=3, seed=50)
    result = stack([*others.paths, *ours.paths])
    assert used(result) == [False] * 3 + [True] * 4


def test_hot_pixels_do_not_lock_frames_onto_the_sensor(make_night: MakeNight, stack: Stack) -> None:
    truth = make_night(n_subs=4, n_hot_pixels=200, dither_px=25.0)
    result = stack(truth.paths)
    assert used(result) == [True] * 4
    assert max(corner_errors(result, truth)) < 0.5


@with_each_engine
def test_uncovered_pixels_are_zero_and_edges_hold_no_filler(
    make_night: MakeNight, stack: Stack
) -> None:
    """Two subs far apart: beyond the edge of one of them, the value is that of the other."""
    truth = make_night(n_subs=2, jump_at=1, jump_px=(120.0, 90.0), dither_px=0.0)
    result = stack(truth.paths)
    counts, colours = footprint(result), planes(result)
    assert set(np.unique(counts)) == {1, 2}
    sky = [truth.night.camera.bias_adu + level for level in truth.night.sky_adu]
    for plane, level in zip(colours, sky, strict=True):
        # Filler would be the median over all colours, well off in each of them.
        assert np.median(plane[counts == 1]) == pytest.approx(level, rel=0.02)
        assert np.median(plane[counts == 2]) == pytest.approx(level, rel=0.02)


@with_each_engine
def test_subs_of_another_kind_and_broken_files_are_reported(
    make_night: MakeNight, stack: Stack, tmp_path: Path
) -> None:
    truth = make_night(n_subs=3)
    longer = make_night("longer", n_subs=1, exposure_s=20.0)
    broken = tmp_path / "broken.fit"
    broken.write_bytes(truth.paths[0].read_bytes()[:50_000])
    page = tmp_path / "page.fit"
    page.write_text("<html>not found</html>")
    black, white = tmp_path / "black.fit", tmp_path / "white.fit"
    for path, value in ((black, 0), (white, 65535)):
        header = fits.getheader(truth.paths[0])
        fits.PrimaryHDU(np.full((640, 480), value, "u2"), header).writeto(path)
    paths = [*truth.paths, *longer.paths, broken, page, black, white]
    result = stack(paths)
    assert used(result) == [True] * 3 + [False] * 5
    words = ["20 s", "truncated", "web page", "value 0", "value 65535"]
    for frame, word in zip(result.frames[3:], words, strict=True):
        assert word in frame.reason
    assert [frame.filename for frame in result.frames] == [path.name for path in paths]


def test_starless_subs_are_told_apart(make_night: MakeNight, stack: Stack) -> None:
    truth = make_night(n_subs=3)
    dark = make_night("dark", n_subs=1, cloudy=(0,), cloud_transparency=0.0, n_hot_pixels=0)
    result = stack([*dark.paths, *truth.paths])
    assert used(result) == [False, True, True, True]
    assert re.search(r"stars? w(as|ere) found", result.frames[0].reason)


def test_one_usable_sub_gives_a_product_and_says_so(make_night: MakeNight, stack: Stack) -> None:
    truth = make_night(n_subs=1)
    result = stack(truth.paths)
    assert (result.n_frames_aligned, result.total_exptime) == (1, 10.0)
    assert "single sub" in " ".join(result.notes)
    assert (footprint(result) == 1).all()


@with_each_engine
def test_nothing_usable_is_a_sentence_that_says_why(make_night: MakeNight, stack: Stack) -> None:
    dark = make_night(n_subs=3, cloudy=(0, 1, 2), cloud_transparency=0.0, n_hot_pixels=0)
    with pytest.raises(NoUsableFramesError) as caught:
        stack(dark.paths)
    assert "none of the 3 subs could be used" in str(caught.value)
    assert re.search(r"(\d|no)( usable)? stars? w(as|ere) found", str(caught.value))
    assert not list(dark.paths[0].parents[1].glob("*.fits*"))


def test_the_same_input_gives_the_same_picture(make_night: MakeNight, stack: Stack) -> None:
    """astroalign's search is random, but what it finds is fitted again."""
    truth = make_night(n_subs=4)
    first = planes(stack(truth.paths))
    np.testing.assert_array_equal(planes(stack(truth.paths)), first)


def test_median_and_no_clipping(make_night: MakeNight, stack: Stack) -> None:
    truth = make_night(n_subs=5, satellites=(1,), satellite_adu=3000.0)
    # Not the sub with the trail: its transform into the stack tells where the trail lies.
    averaged = stack(truth.paths, sigma_clip=None)
    reference = reference_index(averaged)
    mean = planes(averaged)[1]
    median = planes(stack(truth.paths, method="median", sigma_clip=None))[1]
    trail = truth.subs[1].trails[0]
    a, b, c, d, e, f = truth.transform(1, to=reference)
    x, y = 240.0, trail.y0 + (trail.y1 - trail.y0) * 240.0 / (trail.x1 - trail.x0)
    column, row = round(a * x + b * y + c), round(d * x + e * y + f)
    box = (slice(row - 1, row + 2), slice(column - 4, column + 5))
    sky = truth.night.camera.bias_adu + truth.night.sky_adu[1]
    assert np.median(mean[box]) > sky + 250
    assert np.median(median[box]) < sky + 80


def test_progress_is_told_and_can_cancel(make_night: MakeNight, stack: Stack) -> None:
    truth = make_night(n_subs=2)
    stages: list[str] = []
    stack(truth.paths, progress=lambda stage, done, total: stages.append(stage))
    assert tuple(dict.fromkeys(stages)) in STAGES

    def cancel(stage: str, done: int, total: int) -> None:
        if stage == "align":
            raise InterruptedError("cancelled")

    with pytest.raises(InterruptedError):
        stack(truth.paths, progress=cancel)


def test_wrong_options_are_all_named(make_night: MakeNight, stack: Stack) -> None:
    paths = make_night(n_subs=1).paths
    with pytest.raises(ConfigurationError, match=r"sum.*sigma_clip -1"):
        stack(paths, method="sum", sigma_clip=-1.0)
    with pytest.raises(ConfigurationError, match="no stacking engine 'siril'"):
        stack(paths, engine="siril")
