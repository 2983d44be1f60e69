"""What weights measure of stars and patches, and peaks, in pictures that are known exactly."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from bench import features
from bench.completeness import KEPT, NEVER, Detections, completeness, completeness_ratio, find_peaks
from bench.patches import (
    SNR,
    Patches,
    PlantedStars,
    add_to_sub,
    patch_light,
    patches_in,
    plan_patches,
    without_patches,
)
from bench.stack_known import without_stars
from bench.stack_quality import placed
from crowdsky.stacking.registration.transform import IDENTITY, Affine, invert

SIZE = 240
SIGMA_PX = 1.4
TURNED: Affine = (0.6, -0.8, 150.0, 0.8, 0.6, -30.0)
MIRRORED: Affine = (-1.0, 0.0, 239.0, 0.0, 1.0, 0.0)


def star(x: float, y: float, light: float) -> np.ndarray:
    rows, columns = np.mgrid[:SIZE, :SIZE]
    square = (columns - x) ** 2 + (rows - y) ** 2
    return light * np.exp(-0.5 * square / SIGMA_PX**2) / (2.0 * np.pi * SIGMA_PX**2)


def test_gaussian_weights_see_their_share_of_a_star() -> None:
    planes = np.array([star(100.3, 80.6, 1000.0), star(100.3, 80.6, 500.0)])
    found = features.star_light(planes, np.array([100.3, 5.0]), np.array([80.6, 80.0]))
    shares = [1.0 / (2.0 * math.pi * (SIGMA_PX**2 + s**2)) for s in features.STAR_SIGMAS_PX]
    assert found[0, 0] == pytest.approx(1000.0 * np.array(shares), rel=0.01)
    assert found[1, 0] == pytest.approx(found[0, 0] / 2.0)
    assert np.isnan(found[:, 1]).all()  # too near to the edge


@pytest.mark.parametrize(("dx", "dy"), [(0.2, 0.0), (0.0, -0.15), (-0.1, 0.2)])
def test_moments_tell_the_displacement(dx: float, dy: float) -> None:
    x, y, light = np.array([100.4]), np.array([90.7]), np.array([2000.0])
    response = features.moment_response(star(100.4, 90.7, 2000.0), x, y, light)
    moved = star(100.4 + dx, 90.7 + dy, 2000.0)
    shown = features.star_moments(moved, x, y)[0] / (2000.0 * response)
    assert shown[0] == pytest.approx(dx, abs=0.01)
    assert shown[1] == pytest.approx(dy, abs=0.01)


def patches(size: float, angle: float = math.nan, x: float = 120.3, y: float = 119.6) -> Patches:
    return Patches(*(np.array([value]) for value in (x, y, size, 7.0, angle)))


@pytest.mark.parametrize("size", [16.0, 64.0])
@pytest.mark.parametrize("angle", [math.nan, 0.6])
def test_weights_see_the_brightness_of_a_patch_and_of_its_sky(size: float, angle: float) -> None:
    one = patches(size, angle)
    rows, columns = np.mgrid[:SIZE, :SIZE]
    picture = patch_light(one, 0, columns, rows) + 3.0
    free = np.ones(picture.shape, bool)
    found = features.patch_light(picture, one, free)[0]
    # The narrowest weight lies inside: of a disc it sees all, of a streak the middle.
    inner = found[0] / 7.0
    assert inner == pytest.approx(1.0, abs=0.05) if math.isnan(angle) else 0.6 < inner < 0.95
    assert found[0] > found[1] > found[2] > 0.0
    assert np.isnan(features.patch_light(picture, one, ~free)).all()


@pytest.mark.parametrize("place", [TURNED, MIRRORED], ids=["turned", "mirrored"])
def test_patches_are_followed_to_the_pixels_of_a_picture(place: Affine) -> None:
    """What is added to a sub lies where the transform of the sub says, streaks included."""
    one = patches(16.0, 0.4)
    light = patches_in((SIZE, SIZE), invert(place), one)
    free = np.ones(light.shape, bool)
    there = features.patch_light(light, placed(one, place), free)[0]
    here = features.patch_light(patches_in((SIZE, SIZE), IDENTITY, one), one, free)[0]
    assert there == pytest.approx(here, abs=0.05)


def test_planned_patches_lie_off_stars_and_off_each_other() -> None:
    rng = np.random.default_rng(3)
    x, y = rng.uniform(0.0, 900.0, (2, 400))
    light = np.exp(rng.uniform(np.log(300.0), np.log(1e5), 400))
    found = plan_patches((50.0, 50.0, 850.0, 850.0), 15, x, y, light, rng)
    assert {4.0, 16.0, 64.0} == set(found.size)
    small = found.of(found.size < 64.0)
    bright = light > 1000.0
    apart = np.hypot(small.x[:, None] - x[bright], small.y[:, None] - y[bright]).min(axis=1)
    assert (apart > small.size / 2.0).all()
    between = np.hypot(found.x[:, None] - found.x, found.y[:, None] - found.y)
    np.fill_diagonal(between, np.inf)
    assert (between > (found.size[:, None] + found.size) / 2.0).all()
    # A disc is SNR times the noise that its pixels have together.
    disc = np.flatnonzero((found.size == 64.0) & np.isnan(found.angle))[0]
    pixels = math.pi * 32.0**2
    noise = 90.0 / math.sqrt(15.0 * pixels)
    assert found.adu[disc] == pytest.approx(SNR * noise, rel=0.01)


def test_light_is_added_to_the_raw_pixels_of_a_sub(tmp_path: Path) -> None:
    sub, copy = tmp_path / "sub.fit", tmp_path / "copy.fit"
    hdu = fits.PrimaryHDU(np.full((SIZE, SIZE), 1000, np.uint16))
    hdu.header["BAYERPAT"] = "GRBG"
    hdu.writeto(sub)
    stars = PlantedStars(np.array([60.0]), np.array([70.0]), np.array([[0.0, 40_000.0, 0.0]]))
    disc = patches(64.0)
    add_to_sub(sub, copy, IDENTITY, disc, np.random.default_rng(1), stars, 3.0, transparency=0.5)
    pixels = fits.getdata(copy).astype(float) - 1000.0
    rows, columns = np.mgrid[:SIZE, :SIZE]
    green = (rows + columns) % 2 == 0
    near = np.hypot(columns - 60, rows - 70) < 20
    # Half of the pixels are green, and half of the light comes through.
    assert pixels[near & green].sum() == pytest.approx(10_000.0, rel=0.06)
    assert abs(pixels[near & ~green].sum()) < 1.0
    inside = np.hypot(columns - disc.x, rows - disc.y) < 28.0
    assert pixels[inside].mean() == pytest.approx(3.5, abs=0.5)
    assert pixels[inside].std() == pytest.approx(math.sqrt(3.5 * 14.0), rel=0.1)
    assert fits.getheader(copy)["BAYERPAT"] == "GRBG"


def test_masks_cover_what_they_are_for() -> None:
    free = without_stars((SIZE, SIZE), np.array([50.0, 150.0]), np.array([60.0, 160.0]),
                         np.array([300.0, 1e5]))  # fmt: skip
    assert not free[60, 50]
    assert free[60, 60]
    assert not free[160, 161]
    assert not free[160, 160]
    assert without_patches((SIZE, SIZE), patches(16.0))[120, 140]
    assert not without_patches((SIZE, SIZE), patches(16.0))[120, 130]


def test_stars_above_the_false_detections_are_complete() -> None:
    """Stars of 3 and 30 times the noise of a filtered picture: the threshold lies between."""
    rng = np.random.default_rng(2)
    at = np.arange(20.0, SIZE - 20.0, 16.0)
    x, y = (grid.ravel() for grid in np.meshgrid(at, at))
    bright = np.arange(x.size) % 2 == 0
    picture = rng.normal(0.0, 1.0, (SIZE, SIZE))
    for star_x, star_y in zip(x[bright], y[bright], strict=True):
        picture += star(star_x, star_y, 150.0)
    nothing = without_stars((SIZE, SIZE), x, y, np.full(x.size, 300.0))
    peaks = find_peaks(picture, x, y, nothing)
    share = completeness([peaks])
    assert share.value == pytest.approx(0.5, abs=0.03)
    fewer = Detections(np.where(np.arange(x.size) < 20, NEVER, peaks.stars), peaks.false)
    ratio = completeness_ratio([fewer], [peaks])
    assert ratio.value == pytest.approx((share.value * x.size - 10) / (share.value * x.size),
                                        abs=0.03)  # fmt: skip
    assert completeness_ratio([peaks], [peaks]).value == 1.0


def test_false_detections_hide_stars() -> None:
    stars, false = np.full((6, 50), 5.0), np.full((6, KEPT), NEVER)
    false[:, :10] = 9.0
    assert completeness([Detections(stars, false)]).value == 1.0
    false[:, :12] = 9.0
    assert completeness([Detections(stars, false)]).value == 0.0


def test_a_tilted_sky_is_no_light_of_a_patch() -> None:
    """Sky comes from around the patch: a model of the whole sky would be moved by smoothing."""
    one = patches(64.0)
    rows, columns = np.mgrid[:SIZE, :SIZE]
    light, free = patch_light(one, 0, columns, rows), np.ones((SIZE, SIZE), bool)
    tilted = light + 500.0 + 0.05 * columns - 0.02 * rows
    found = features.patch_light(tilted, one, free)
    assert found == pytest.approx(features.patch_light(light, one, free), abs=0.02)
