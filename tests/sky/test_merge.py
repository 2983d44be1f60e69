"""Finished stacks merged into deep ones, against skies with known truth."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from crowdsky.base.errors import BadDataError
from crowdsky.stacking.product.merge_check import CannotMergeError
from crowdsky.stacking.product.read_result import NotAStackError
from crowdsky.stacking.records import StackResult
from crowdsky.stacking.registration.transform import apply
from crowdsky.stacking.stack_files import merge_files, stack_files
from crowdsky.synthetic.sky import Truth
from tests.sky.conftest import MakeNight
from worker.main import main

pytestmark = pytest.mark.slow

Chunks = Callable[..., tuple[Truth, list[Path]]]


@pytest.fixture
def chunks(make_night: MakeNight, tmp_path: Path) -> Chunks:
    """One night of small subs, stacked in chunks of the given lengths."""

    def make(*lengths: int, **settings: object) -> tuple[Truth, list[Path]]:
        truth = make_night(n_subs=sum(lengths), **settings)
        stacks, first = [], 0
        for length in lengths:
            path = tmp_path / f"chunk{len(stacks)}.fits"
            stack_files(truth.paths[first : first + length], path)
            stacks.append(path)
            first += length
        return truth, stacks

    return make


def planes(path: Path) -> np.ndarray:
    with fits.open(path) as hdus:
        return np.stack([hdus[name].data for name in ("RED", "GREEN", "BLUE")]).astype(np.float64)


def footprint(path: Path) -> np.ndarray:
    return np.asarray(fits.getdata(path, "FOOTPRINT")).astype(int)


def block_noise(path: Path) -> float:
    """Noise of 6x6 means of the green sky; smoothing of single pixels does not lower it."""
    green = planes(path)[1][60:-60, 60:-60]
    height, width = (side // 6 * 6 for side in green.shape)
    blocks = green[:height, :width].reshape(height // 6, 6, width // 6, 6).mean(axis=(1, 3))
    difference = blocks[:, 2:] - blocks[:, :-2]
    return float(1.4826 * np.median(np.abs(difference)) / math.sqrt(2.0))


def star_width(path: Path) -> float:
    """Measure the median width of the brighter stars, px; it grows if stars do not coincide."""
    stars = fits.getdata(path, "STAR-TAB")
    round_ones = stars[(stars["npix"] > 12) & (stars["npix"] < 200)][:25]
    assert len(round_ones) > 8
    return float(np.median(np.sqrt(round_ones["a"] * round_ones["b"])))


def reference(result: StackResult) -> int:
    (index,) = [i for i, frame in enumerate(result.frames) if "reference" in frame.reason]
    return index


def test_noise_falls_as_if_all_subs_had_been_stacked_at_once(
    chunks: Chunks, tmp_path: Path
) -> None:
    truth, stacks = chunks(8, 4, 4, dither_px=8.0, rotation_deg_per_hour=60.0)
    merge_files(stacks, tmp_path / "deep.fits")
    stack_files(truth.paths, tmp_path / "at_once.fits")
    deep = block_noise(tmp_path / "deep.fits")
    assert block_noise(stacks[0]) / deep == pytest.approx(math.sqrt(2.0), rel=0.12)
    assert deep == pytest.approx(block_noise(tmp_path / "at_once.fits"), rel=0.08)


def test_light_and_places_of_stars_are_kept(chunks: Chunks, tmp_path: Path) -> None:
    truth, stacks = chunks(5, 5, dither_px=10.0, rotation_deg_per_hour=300.0, fwhm_px=(3.0,) * 3)
    result = merge_files(stacks, tmp_path / "deep.fits")
    index = reference(result)
    base = stacks[index // 5]
    x, y = truth.stars_in(index)
    flux = truth.star_flux
    inside = (x > 60) & (x < 420) & (y > 60) & (y < 580)
    rows, columns = np.mgrid[0:640, 0:480]
    ratios, offsets = [], []
    deep, alone = planes(tmp_path / "deep.fits"), planes(base)
    for star in np.flatnonzero(inside & (flux[:, 1] > 12000) & (flux[:, 1] < 150000)):
        near = np.hypot(x - x[star], y - y[star])
        if flux[(near > 0) & (near < 14), 1].sum() > 0.04 * flux[star, 1]:
            continue
        distance = np.hypot(columns - x[star], rows - y[star])
        ring, core = (distance > 13) & (distance < 19), distance < 4.0
        light = [
            picture - np.median(picture[:, ring], axis=1)[:, None, None]
            for picture in (deep, alone)
        ]
        ratios.append(light[0][:, distance < 7.0].sum() / light[1][:, distance < 7.0].sum())
        weight = light[0].mean(axis=0)[core]
        offsets.append(
            math.hypot(
                np.average(columns[core] - x[star], weights=weight),
                np.average(rows[core] - y[star], weights=weight),
            )
        )
    assert len(ratios) >= 6
    assert np.median(ratios) == pytest.approx(1.0, abs=0.01)
    assert np.median(offsets) < 0.06


def test_thinner_clouds_and_another_sky_leave_the_scale_alone(
    make_night: MakeNight, tmp_path: Path
) -> None:
    """A chunk with thin cloud and a brighter sky counts less, and leaves no step at its edge."""
    clear = make_night("clear", n_subs=4, dither_px=0.0)
    hazy = make_night(
        "hazy", n_subs=4, dither_px=25.0, cloudy=(0, 1, 2, 3), cloud_transparency=0.6,
        sky_adu=(900.0, 1500.0, 1100.0),
    )  # fmt: skip
    paths = [tmp_path / "a.fits", tmp_path / "b.fits"]
    for truth, path in zip((clear, hazy), paths, strict=True):
        stack_files(truth.paths, path)
    result = merge_files(paths, tmp_path / "deep.fits")
    assert result.n_frames_aligned == 8
    weights = [np.mean([f.weight for f in result.frames[k : k + 4]]) for k in (0, 4)]
    assert weights[0] > 2.0 * weights[1]
    sky = np.median(planes(tmp_path / "deep.fits"), axis=(1, 2))
    np.testing.assert_allclose(sky, np.median(planes(paths[0]), axis=(1, 2)), rtol=0.005)
    count, green = footprint(tmp_path / "deep.fits"), planes(tmp_path / "deep.fits")[1]
    edge = (np.diff(count, axis=1) != 0) & (np.minimum(count[:, 1:], count[:, :-1]) > 0)
    assert edge.sum() > 100
    assert abs(np.median(np.diff(green, axis=1)[edge])) < 8.0


def test_a_trail_left_in_one_stack_is_rejected_by_the_others(
    chunks: Chunks, tmp_path: Path
) -> None:
    truth, stacks = chunks(1, 4, 4, 4, satellites=(0,), satellite_adu=3000.0, dither_px=4.0)
    result = merge_files(stacks, tmp_path / "deep.fits")
    trail = truth.subs[0].trails[0]
    along = np.linspace(0.2, 0.8, 300)
    x, y = trail.x0 + along * (trail.x1 - trail.x0), trail.y0 + along * (trail.y1 - trail.y0)
    transform = result.frames[0].transform
    assert transform is not None
    u, v = apply(transform, x, y)
    inside = (u > 20) & (v > 20) & (u < 460) & (v < 620)
    assert inside.sum() > 50
    rows, columns = np.rint(v[inside]).astype(int), np.rint(u[inside]).astype(int)
    left = planes(tmp_path / "deep.fits")[1]
    excess = np.median(left[rows, columns]) - np.median(left)
    averaged_in = 3000.0 / 13.0
    assert excess < 0.15 * averaged_in


def test_counts_times_and_rows_are_those_of_all_subs(chunks: Chunks, tmp_path: Path) -> None:
    truth, stacks = chunks(3, 4, rotation_deg_per_hour=200.0)
    result = merge_files(stacks, tmp_path / "deep.fits")
    assert (result.n_frames_input, result.n_frames_aligned, result.total_exptime) == (7, 7, 70.0)
    assert [frame.filename for frame in result.frames] == [path.name for path in truth.paths]
    header = fits.getheader(tmp_path / "deep.fits")
    first, last = fits.getheader(stacks[0]), fits.getheader(stacks[1])
    assert (header["NIMAGES"], header["EXPTIME"]) == (7, 70.0)
    assert (header["DATE-OBS"], header["OB-END"]) == (first["DATE-OBS"], last["OB-END"])
    assert header["TELESCOP"] == first["TELESCOP"]
    assert "merge" in header["STACKENG"]
    counts, colours = footprint(tmp_path / "deep.fits"), planes(tmp_path / "deep.fits")
    assert counts.max() == 7
    assert np.isfinite(colours).all()
    assert not colours[:, counts == 0].any()
    # Each sub's transform leads onto the deep stack's pixels.
    base = reference(result)
    for index, frame in enumerate(result.frames):
        assert frame.transform is not None
        corners = np.array([0.0, 479.0, 0.0, 479.0]), np.array([0.0, 0.0, 639.0, 639.0])
        found, true = (apply(t, *corners) for t in (frame.transform, truth.transform(index, base)))
        assert np.hypot(found[0] - true[0], found[1] - true[1]).max() < 0.2


def test_a_quarter_turn_between_stacks_is_merged(make_night: MakeNight, tmp_path: Path) -> None:
    """From rising to setting, the field of an alt-az mount rotates that far."""
    truth = make_night(n_subs=6, rotation_deg_per_hour=0.0, dither_px=3.0)
    stacks = [tmp_path / "a.fits", tmp_path / "b.fits"]
    stack_files(truth.paths[:3], stacks[0])
    stack_files(truth.paths[3:], stacks[1])
    with fits.open(stacks[1]) as hdus:
        for name in ("RED", "GREEN", "BLUE", "FOOTPRINT", "VARIANCE", "REJECTED"):
            hdus[name].data = np.ascontiguousarray(np.rot90(hdus[name].data))
        hdus.writeto(tmp_path / "turned.fits")
    result = merge_files([stacks[0], tmp_path / "turned.fits"], tmp_path / "deep.fits")
    assert result.n_frames_aligned == 6
    merge_files(stacks, tmp_path / "upright.fits")
    counts = footprint(tmp_path / "deep.fits")
    assert (counts == 6).sum() > 0.5 * 480 * 480
    assert star_width(tmp_path / "deep.fits") == pytest.approx(
        star_width(tmp_path / "upright.fits"), rel=0.06
    )


def test_the_same_light_is_not_counted_twice(chunks: Chunks, tmp_path: Path) -> None:
    truth, stacks = chunks(3, 3)
    copy = tmp_path / "copy.fits"
    copy.write_bytes(stacks[0].read_bytes())
    with pytest.raises(CannotMergeError, match="the same file"):
        merge_files([stacks[0], stacks[1], copy], tmp_path / "deep.fits")
    stack_files(truth.paths[2:5], tmp_path / "overlapping.fits")
    with pytest.raises(CannotMergeError, match="1 subs are in both"):
        merge_files([stacks[0], tmp_path / "overlapping.fits"], tmp_path / "deep.fits")
    for path in stacks:
        with fits.open(path, mode="update") as hdus:
            hdus[0].header["JOBID"] = "17.a1"
    with pytest.raises(CannotMergeError, match=r"both made by job 17\.a1"):
        merge_files(stacks, tmp_path / "deep.fits")
    assert not (tmp_path / "deep.fits").exists()


@pytest.mark.parametrize(
    ("key", "words"), [("FILTER", "different filters"), ("INSTRUME", "different cameras")]
)
def test_other_filters_and_cameras_are_refused(
    chunks: Chunks, tmp_path: Path, key: str, words: str
) -> None:
    _, stacks = chunks(2, 2)
    fits.setval(stacks[1], key, value="another")
    with pytest.raises(CannotMergeError, match=words):
        merge_files(stacks, tmp_path / "deep.fits")


def test_another_telescope_is_noted(chunks: Chunks, tmp_path: Path) -> None:
    _, stacks = chunks(2, 2)
    fits.setval(stacks[1], "TELESCOP", value="S50_other")
    assert "2 telescopes" in " ".join(merge_files(stacks, tmp_path / "deep.fits").notes)


def test_another_target_is_left_out_with_a_reason(
    chunks: Chunks, make_night: MakeNight, tmp_path: Path
) -> None:
    _, stacks = chunks(3, 3)
    stranger = make_night("stranger", seed=9, n_subs=2)
    stack_files(stranger.paths, tmp_path / "stranger.fits")
    result = merge_files([stacks[0], tmp_path / "stranger.fits", stacks[1]], tmp_path / "deep.fits")
    assert [frame.used for frame in result.frames] == [True] * 3 + [False] * 2 + [True] * 3
    assert all("stranger.fits was left out" in frame.reason for frame in result.frames[3:5])
    assert any("stranger.fits was left out" in note for note in result.notes)
    with pytest.raises(CannotMergeError, match="no two of them have matching stars"):
        merge_files([stacks[0], tmp_path / "stranger.fits"], tmp_path / "other.fits")


@pytest.mark.filterwarnings("ignore:File may have been truncated")
def test_one_stack_or_a_broken_one_is_a_sentence(chunks: Chunks, tmp_path: Path) -> None:
    _, stacks = chunks(2, 2)
    with pytest.raises(CannotMergeError, match="only one finished stack"):
        merge_files(stacks[:1], tmp_path / "deep.fits")
    data = stacks[1].read_bytes()
    stacks[1].write_bytes(data[: len(data) // 2])
    with pytest.raises(BadDataError) as caught:
        merge_files(stacks, tmp_path / "deep.fits")
    assert isinstance(caught.value, NotAStackError)


def test_the_command_merges_stacks_and_refuses_a_mixture(
    chunks: Chunks, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    truth, stacks = chunks(2, 2)
    out = str(tmp_path / "deep.fits")
    names = [str(path) for path in stacks]
    assert main(["stack", *names, "-o", out, "--no-solve", "--no-picture"]) == 0
    assert fits.getheader(out)["NIMAGES"] == 4
    assert (
        main(["stack", *names, str(truth.paths[0]), "-o", out, "--no-solve", "--no-picture"]) == 2
    )
    assert (
        main(["stack", *names, "-o", out, "--method", "median", "--no-solve", "--no-picture"]) == 78
    )
