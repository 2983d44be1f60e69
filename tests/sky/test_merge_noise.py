"""Merging loses no depth, and knows the noise of what it makes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import sep
from astropy.io import fits

from crowdsky.stacking.records import StackResult
from crowdsky.stacking.stack_files import merge_files, stack_files
from crowdsky.synthetic.sky import Truth
from tests.sky.conftest import MakeNight
from tests.sky.native_checks import reference_places

pytestmark = pytest.mark.slow

RADIUS_PX = 5.0


def planes(path: Path) -> np.ndarray:
    with fits.open(path) as hdus:
        return np.stack([hdus[name].data for name in ("RED", "GREEN", "BLUE")]).astype(np.float32)


def sums(picture: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Return the light in apertures, sky of a ring subtracted."""
    x, y = at.T
    return np.asarray(sep.sum_circle(picture, x, y, RADIUS_PX, subpix=0, bkgann=(9.0, 16.0))[0])


def reference(result: StackResult) -> int:
    (index,) = [i for i, frame in enumerate(result.frames) if "reference" in frame.reason]
    return index


def depth(path: Path, truth: Truth, sub: int) -> np.ndarray:
    """Return the light of stars over the scatter of empty apertures, per plane."""
    stars, empty = reference_places(truth, sub)
    found = []
    for plane in planes(path):
        scatter = sums(plane, empty).std()
        found.append(sums(plane, stars).sum() / scatter)
    return np.array(found)


def test_two_stacks_on_one_grid_are_as_deep_as_one_stack_of_all_subs(
    make_night: MakeNight, tmp_path: Path
) -> None:
    """The second half sees a brighter sky, so that weights matter."""
    truth = make_night(n_subs=12, dither_px=0.0, rotation_deg_per_hour=0.0, sky_drift=1.5,
                       n_hot_pixels=0, n_warm_pixels=0, cosmic_rays_per_sub=0.0)  # fmt: skip
    halves = [tmp_path / "first.fits", tmp_path / "second.fits"]
    for subs, path in zip((truth.paths[:6], truth.paths[6:]), halves, strict=True):
        stack_files(subs, path, sigma_clip=None)
    deep, whole = tmp_path / "deep.fits", tmp_path / "whole.fits"
    merged = merge_files(halves, deep, sigma_clip=None)
    at_once = stack_files(truth.paths, whole, sigma_clip=None)
    found = depth(deep, truth, reference(merged))
    expected = depth(whole, truth, reference(at_once))
    np.testing.assert_allclose(found / expected, 1.0, atol=0.005)
    with fits.open(deep) as one, fits.open(whole) as other:
        # Each stack is on the scale of its own reference.
        scales = [
            np.median(sums(planes(path)[1], reference_places(truth, 0)[0]))
            for path in (deep, whole)
        ]
        ratio = np.median(one["VARIANCE"].data) / np.median(other["VARIANCE"].data)
        assert ratio / (scales[0] / scales[1]) ** 2 == pytest.approx(1.0, rel=0.02)
        assert one["GREEN"].header["VARCORR"] == pytest.approx(
            other["GREEN"].header["VARCORR"], rel=0.03
        )
        assert one[0].header["SMOOTHED"] is False


def test_the_variance_of_a_deep_stack_is_that_of_its_sky(
    make_night: MakeNight, tmp_path: Path
) -> None:
    """Interpolating once more changes pixels, and no more than before is left in apertures."""
    truth = make_night(n_subs=12, dither_px=8.0, rotation_deg_per_hour=120.0)
    thirds = []
    for number in range(3):
        thirds.append(tmp_path / f"{number}.fits")
        stack_files(truth.paths[4 * number : 4 * number + 4], thirds[-1])
    deep, whole = tmp_path / "deep.fits", tmp_path / "whole.fits"
    merge_files(thirds, deep)
    stack_files(truth.paths, whole)
    inner = (slice(100, 540), slice(100, 380))
    with fits.open(deep) as one, fits.open(whole) as other:
        for index, name in enumerate(("RED", "GREEN", "BLUE")):
            variance, of_sums, spread = [], [], []
            for path, hdus in ((deep, one), (whole, other)):
                scale = hdus[0].header.get(f"VARSCL_{name[0]}", 1.0)
                variance.append(scale * float(np.median(hdus["VARIANCE"].data[inner])))
                of_sums.append(variance[-1] * hdus[name].header["VARCORR"])
                plane = planes(path)[index]
                rest = (plane - sep.Background(plane).back())[inner]
                spread.append((1.4826 * np.median(np.abs(rest))) ** 2)
            assert of_sums[0] / of_sums[1] == pytest.approx(1.0, abs=0.06), name
            # Faint stars are in the spread of both.
            believed = spread[0] / variance[0] / (spread[1] / variance[1])
            assert believed == pytest.approx(1.0, abs=0.06), name
        assert one["REJECTED"].data.dtype == np.uint8
        assert np.median(one["REJECTED"].data) == 0
        assert one["REJECTED"].data.any()


def as_before(path: Path) -> Path:
    """Take from a stack what stacks had not before version 0.2."""
    with fits.open(path) as hdus:
        for name in ("VARIANCE", "REJECTED"):
            del hdus[name]
        for hdu in hdus:
            for keyword in ("SMOOTHED", "VARCORR", "VARSCL_R", "VARSCL_B"):
                hdu.header.remove(keyword, ignore_missing=True)
        old = path.with_name(f"old_{path.name}")
        hdus.writeto(old, checksum=True)
    return old


def test_a_smoothed_stack_makes_the_deep_one_smoothed_and_its_noise_unknown(
    make_night: MakeNight, tmp_path: Path
) -> None:
    truth = make_night(n_subs=8, dither_px=4.0)
    halves = [tmp_path / "first.fits", tmp_path / "second.fits"]
    for subs, path in zip((truth.paths[:4], truth.paths[4:]), halves, strict=True):
        stack_files(subs, path)
    result = merge_files([as_before(halves[0]), halves[1]], tmp_path / "deep.fits")
    assert any("noise of old_first.fits was smoothed" in note for note in result.notes)
    assert any("variance is not known" in note for note in result.notes)
    weights = [np.mean([f.weight for f in result.frames[k : k + 4]]) for k in (0, 4)]
    assert weights[0] == pytest.approx(weights[1], rel=0.1)
    with fits.open(tmp_path / "deep.fits") as hdus:
        assert hdus[0].header["SMOOTHED"] is True
        assert "VARIANCE" not in hdus
        assert "VARCORR" not in hdus["GREEN"].header
