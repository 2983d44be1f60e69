"""Chunks that are not as they should be give a product, or a sentence that says why not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from crowdsky.base.errors import JobCancelledError, NoUsableFramesError
from crowdsky.stacking.engine import StackedPicture, StackOptions
from crowdsky.stacking.engines.native import stack
from crowdsky.synthetic.sky import SEESTAR_S30_PRO, SEESTAR_S50, Truth
from tests.sky.conftest import MakeNight
from tests.sky.native_checks import corner_errors, interior, reasons, run, silent, used

pytestmark = pytest.mark.slow


def rewrite(path: Path, pixels: np.ndarray) -> None:
    """Replace the pixels of a sub, keeping its header."""
    fits.writeto(path, pixels, fits.getheader(path), overwrite=True)


def test_a_single_sub_is_a_product_and_says_so(make_night: MakeNight) -> None:
    truth = make_night(n_subs=1, n_hot_pixels=20)
    picture = run(truth.paths)
    assert used(picture) == [True]
    assert "single sub" in picture.notes[0]
    assert (picture.footprint == 1).all()
    hot = truth.hot_pixels
    sky = np.median(picture.planes, axis=(1, 2))
    inside = (hot.x > 3) & (hot.y > 3) & (hot.x < 476) & (hot.y < 636)
    left = picture.planes[:, hot.y[inside], hot.x[inside]] - sky[:, None]
    assert np.median(left.max(axis=0)) < 300.0 < np.median(hot.adu)


def test_two_subs_lose_the_trail_of_one(make_night: MakeNight) -> None:
    truth = make_night(n_subs=2, satellites=(1,), dither_px=5.0)
    picture = run(truth.paths)
    assert used(picture) == [True, True]
    clean = run(make_night("clean", n_subs=2, dither_px=5.0).paths)
    assert interior(picture)[1].std() < 1.1 * interior(clean)[1].std()


def test_two_targets_are_not_mixed(make_night: MakeNight) -> None:
    first = make_night("first", seed=1, n_subs=5)
    second = make_night("second", seed=2, n_subs=3)
    picture = run([*first.paths, *second.paths])
    assert used(picture) == [True] * 5 + [False] * 3
    assert all("do not match" in reason for reason in reasons(picture)[5:])


def test_the_larger_group_wins_although_the_other_is_sharper(make_night: MakeNight) -> None:
    first = make_night("first", seed=1, n_subs=5, fwhm_px=(3.6, 3.6, 3.6))
    second = make_night("second", seed=2, n_subs=3, fwhm_px=(2.4, 2.4, 2.4))
    picture = run([*first.paths, *second.paths])
    assert used(picture) == [True] * 5 + [False] * 3


def test_a_truncated_file_among_fifteen_good_ones_is_left_out(make_night: MakeNight) -> None:
    truth = make_night(n_subs=16)
    data = truth.paths[3].read_bytes()
    truth.paths[3].write_bytes(data[: len(data) // 2])
    picture = run(truth.paths)
    assert used(picture) == [True] * 3 + [False] + [True] * 12
    assert "truncated" in reasons(picture)[3]
    assert "1 of 16 subs left out: it is truncated" in picture.notes[0]


@pytest.mark.parametrize(("value", "word"), [(0, "value 0"), (65535, "value 65535")])
def test_an_empty_or_saturated_sub_is_left_out(
    make_night: MakeNight, value: int, word: str
) -> None:
    truth = make_night(n_subs=4)
    rewrite(truth.paths[0], np.full((640, 480), value, np.uint16))
    picture = run(truth.paths)
    assert used(picture) == [False, True, True, True]
    assert word in reasons(picture)[0]


def test_other_sizes_and_exposures_are_left_out(make_night: MakeNight) -> None:
    truth = make_night(n_subs=4)
    longer = make_night("longer", n_subs=1, exposure_s=20.0)
    wider = make_night("wider", n_subs=1, camera=SEESTAR_S50.resized(640, 480))
    picture = run([*truth.paths, *longer.paths, *wider.paths])
    assert used(picture) == [True] * 4 + [False] * 2
    assert "it has 20 s of exposure, while 4 of the 6 frames have 10 s" in reasons(picture)[4]
    assert "it has 640x480 pixels, while 4 of the 6 frames have 480x640" in reasons(picture)[5]


def _coded(path: Path, coding: str) -> Path:
    """The same sub in another coding of FITS; 8 bits hold an eighth of the lower values."""
    header, values = fits.getheader(path), fits.getdata(path)
    new = path.with_name(f"{coding}-{path.name}")
    if coding == "fz":
        hdus = fits.HDUList([fits.PrimaryHDU(), fits.CompImageHDU(values, header)])
    elif coding == "BOTTOM-UP":
        # The pattern is that of the picture's top left pixel, as the header of a Seestar says.
        header["ROWORDER"] = coding
        hdus = fits.HDUList([fits.PrimaryHDU(values[::-1], header)])
    elif coding == "u1":
        eighth = np.clip(values // 8, 0, 255).astype("u1")
        hdus = fits.HDUList([fits.PrimaryHDU(eighth, header)])
    else:
        hdus = fits.HDUList([fits.PrimaryHDU(values.astype(coding), header)])
    hdus.writeto(new)
    return new


@pytest.mark.parametrize("value", [np.nan, -np.inf, 3e38, -3e38, 9e14])
def test_pixels_that_no_sensor_counts_leave_the_stack_finite(
    make_night: MakeNight, value: float
) -> None:
    truth = make_night(n_subs=4)
    for path in truth.paths[:2]:
        pixels = fits.getdata(path).astype(np.float32)
        pixels[100:400:60, 100:400:60] = value
        rewrite(path, pixels)
    for path in truth.paths[2:]:
        rewrite(path, fits.getdata(path).astype(np.float32))
    picture = run(truth.paths)
    assert used(picture) == [True] * 4
    assert picture.noise is not None
    assert np.isfinite(picture.planes).all() and np.isfinite(picture.noise.variance).all()


@pytest.mark.parametrize("coding", ["fz", "BOTTOM-UP"])
def test_the_coding_of_the_subs_does_not_matter(make_night: MakeNight, coding: str) -> None:
    truth = make_night(n_subs=2)
    picture = run(truth.paths)
    coded = run([_coded(path, coding) for path in truth.paths])
    assert used(coded) == [True, True]
    np.testing.assert_allclose(coded.planes, picture.planes, rtol=1e-5)


@pytest.mark.parametrize("coding", ["i4", "f4", "f8"])
@pytest.mark.parametrize("method", ["mean", "median"])
def test_samples_in_16_bits_are_as_good_as_exact_ones(
    make_night: MakeNight, coding: str, method: str
) -> None:
    """Only subs with 16 bits are known to fit; others are kept as float32."""
    truth = make_night(n_subs=3, satellites=(1,), rotation_deg_per_hour=900.0)
    picture = run(truth.paths, method=method)
    exact = run([_coded(path, coding) for path in truth.paths], method=method)
    assert used(exact) == [True] * 3
    np.testing.assert_array_equal(exact.footprint, picture.footprint)
    off = np.abs(exact.planes - picture.planes)
    # Steps of 2 ADU; a sample next to a limit may be on its other side.
    assert 0.1 < off.mean() < 0.6
    assert np.quantile(off, 0.99) < 2.0
    assert abs(np.median(exact.planes - picture.planes)) < 0.02


def test_eight_bits_are_stacked(make_night: MakeNight) -> None:
    truth = make_night(n_subs=3)
    picture = run([_coded(path, "u1") for path in truth.paths])
    assert used(picture) == [True] * 3
    assert max(corner_errors(picture, truth)) < 0.3
    expected = np.add(truth.night.sky_adu, truth.night.camera.bias_adu) / 8
    np.testing.assert_allclose(np.median(interior(picture), axis=(1, 2)), expected, rtol=0.02)


def test_the_larger_sensor_of_an_s30_pro(make_night: MakeNight) -> None:
    truth = make_night(n_subs=2, camera=SEESTAR_S30_PRO)
    picture = run(truth.paths)
    assert picture.planes.shape == (3, 3840, 2160)
    assert used(picture) == [True, True]
    assert max(corner_errors(picture, truth)) < 0.2


def test_subs_without_stars_say_so(make_night: MakeNight) -> None:
    truth = make_night(n_subs=3)
    rng = np.random.default_rng(5)
    for path in truth.paths:
        rewrite(path, rng.normal(1000.0, 80.0, (640, 480)).astype(np.uint16))
    with pytest.raises(NoUsableFramesError, match=r"stars? w") as caught:
        run(truth.paths)
    assert "none of the 3 subs" in str(caught.value)


def test_mirrored_and_upside_down_subs_are_stacked(make_night: MakeNight) -> None:
    truth = make_night(n_subs=5, dither_px=4.0)
    upright = run(truth.paths)
    # One row (and column) further the colours of a sub turned over lie as they did before.
    for index, axes in ((1, (0,)), (3, (0, 1))):
        path = truth.paths[index]
        rewrite(path, np.roll(np.flip(fits.getdata(path), axes), 1, axes))
    for turned in (1, 3):
        left_out = {1, 3} - {turned}
        mixed = run([path for index, path in enumerate(truth.paths) if index not in left_out])
        assert used(mixed) == [True] * 4
        np.testing.assert_allclose(_light_of_peaks(mixed), _light_of_peaks(upright), rtol=0.1)


def _light_of_peaks(picture: StackedPicture) -> np.ndarray:
    """Measure the light in the cores of stars per plane; it shrinks if stars do not coincide."""
    light = interior(picture) - np.median(interior(picture), axis=(1, 2))[:, None, None]
    cores = light.min(axis=0) > 1500.0
    assert cores.sum() > 30
    return np.asarray(light[:, cores].sum(axis=1))


def test_the_order_of_the_subs_does_not_matter(make_night: MakeNight) -> None:
    truth = make_night(n_subs=5, rotation_deg_per_hour=200.0)
    forward, backward = run(truth.paths), run(truth.paths[::-1])
    np.testing.assert_array_equal(forward.planes, backward.planes)
    assert forward.frames == backward.frames[::-1]


def test_cancelling_stops_within_a_band(make_night: MakeNight) -> None:
    truth = make_night(n_subs=4)
    seen: list[str] = []

    def cancel(stage: str, done: int, total: int) -> None:
        seen.append(stage)
        if stage == "integrate" and done == 1:
            raise JobCancelledError("cancelled by its owner")

    with pytest.raises(JobCancelledError):
        stack(truth.paths, StackOptions(), cancel)
    assert seen.count("integrate") == 2


def test_progress_reaches_the_end_of_every_stage(make_night: MakeNight) -> None:
    truth = make_night(n_subs=4)
    last: dict[str, tuple[int, int]] = {}
    stack(
        truth.paths, StackOptions(), lambda stage, done, total: last.update({stage: (done, total)})
    )
    assert {"check", "defects", "detect", "align", "integrate"} <= set(last)
    assert last["integrate"][0] == last["integrate"][1]


def test_stars_stay_on_a_sensor_that_never_moves(make_night: MakeNight) -> None:
    """Without dithering the peak of a star stands out in every sub, like a hot pixel."""
    truth = make_night(
        n_subs=6, dither_px=0.0, rotation_deg_per_hour=0.0, n_hot_pixels=30, fwhm_px=(2.2, 2.2, 2.2)
    )
    picture = run(truth.paths)
    assert _peak_ratio(truth, picture.planes) == pytest.approx(1.0, abs=0.06)


def _peak_ratio(truth: Truth, planes: np.ndarray) -> float:
    """Green peaks of the stars on green pixels, over those of the mean of the raw subs."""
    raw = np.mean([fits.getdata(path).astype(float) for path in truth.paths], axis=0)
    x, y = truth.stars_in(0)
    bright = (truth.star_flux[:, 1] > 10000) & (truth.star_flux[:, 1] < 200000)
    ratios = []
    for star in np.flatnonzero(bright & (x > 20) & (x < 460) & (y > 20) & (y < 620)):
        column, row = round(x[star]), round(y[star])
        if (column + row) % 2 == 0:
            sky = np.median(planes[1])
            ratios.append((planes[1, row, column] - sky) / (raw[row, column] - sky))
    assert len(ratios) > 10
    return float(np.median(ratios))


def test_all_subs_of_the_chunk_are_reported_in_their_order(make_night: MakeNight) -> None:
    truth = make_night(n_subs=4, jump_at=2)
    picture = run(truth.paths)
    assert [frame.report.filename for frame in picture.frames] == [p.name for p in truth.paths]
    assert all(len(frame.report.sha256) == 64 for frame in picture.frames)
    assert max(corner_errors(picture, truth)) < 0.2
    silent("integrate", 1, 1)


def test_a_damaged_compressed_sub_is_left_out(make_night: MakeNight) -> None:
    """Its header is valid; the damage to its tiles shows only when they are read."""
    truth = make_night(n_subs=3)
    coded = [_coded(path, "fz") for path in truth.paths]
    with fits.open(coded[1], disable_image_compression=True, mode="update") as hdus:
        hdus[1].data.field("COMPRESSED_DATA")[300] = np.zeros(3, np.uint8)
    picture = run(coded)
    assert used(picture) == [True, False, True]
    assert "compressed pixels are damaged" in reasons(picture)[1]


def test_a_colour_without_noise_does_not_weigh(make_night: MakeNight) -> None:
    """Blue that is clipped at 0 everywhere, as behind a narrow filter, cannot be compared."""
    truth = make_night(n_subs=4)
    for path in truth.paths:
        pixels = fits.getdata(path).copy()
        pixels[1::2, 0::2] = 0
        rewrite(path, pixels)
    picture = run(truth.paths)
    assert used(picture) == [True] * 4
    weights = [frame.report.weight for frame in picture.frames]
    assert weights == pytest.approx([1.0] * 4, rel=0.3)


def test_noise_below_a_step_is_known(make_night: MakeNight) -> None:
    """In eight bits, a Seestar's noise of 70 ADU is a quarter of a step."""
    truth = make_night(n_subs=3)
    coded = []
    for path in truth.paths:
        coded.append(path.with_name(f"coarse-{path.name}"))
        pixels = np.clip((fits.getdata(path).astype(int) - 400) // 200, 0, 255).astype("u1")
        fits.writeto(coded[-1], pixels, fits.getheader(path))
    picture = run(coded)
    assert used(picture) == [True] * 3
    assert max(corner_errors(picture, truth)) < 0.5


def test_a_median_stack_does_not_claim_to_be_clipped(make_night: MakeNight) -> None:
    truth = make_night(n_subs=3)
    assert run(truth.paths, method="median").options.sigma_clip is None
    assert run(truth.paths).options.sigma_clip == 3.0
