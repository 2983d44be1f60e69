"""The synthetic sky itself: its subs must show what it claims as truth."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
import sep
from astropy.io import fits
from astropy.wcs import WCS

from crowdsky.synthetic.scenes import DEFAULT_INDEX_DIR, Glow
from crowdsky.synthetic.sky import (
    SEESTAR_S50,
    Night,
    demo_nights,
    header,
    plan,
    render,
    star_field,
    write_night,
)
from crowdsky.synthetic.tycho import find_index, stars_near
from tests.sky.conftest import MakeNight, write_small_night


def one_star(v_mag: float, b_minus_v: float, **settings: object) -> Night:
    """A night with a single star in the middle of a small, nearly noiseless frame."""
    rng = np.random.default_rng(0)
    scene = star_field("One", 10.0, 20.0, rng, radius_deg=0.01, stars_per_sq_deg=0.0,
                       index_dir=None)  # fmt: skip
    stars = type(scene.stars)(*(np.array([value]) for value in (10.0, 20.0, v_mag, b_minus_v)))
    defaults: dict[str, object] = {
        "n_subs": 1, "dither_px": 0.0, "n_hot_pixels": 0, "n_warm_pixels": 0,
        "cosmic_rays_per_sub": 0.0, "gradient_adu": 0.0,
    }  # fmt: skip
    scene = type(scene)("One", 10.0, 20.0, stars)
    camera = replace(
        SEESTAR_S50.resized(200, 160),
        adu_per_electron=0.01,
        read_noise_electrons=0.0,
        adc_step_adu=1.0,
    )
    return Night(scene, camera, **(defaults | settings))  # type: ignore[arg-type]


def test_star_light_is_the_promised_amount_in_each_colour() -> None:
    truth = plan(one_star(10.0, 1.2), np.random.default_rng(1))
    mosaic = render(truth, 0, np.random.default_rng(2)).astype(float) - SEESTAR_S50.bias_adu
    colours = {"red": (0, 1, 0), "green": (0, 0, 1), "blue": (1, 0, 2)}
    for row, column, index in colours.values():
        cell = mosaic[row::2, column::2] - truth.night.sky_adu[index]
        # A colour is sampled on every fourth (green: one of two fourths) pixel.
        assert 4 * cell.sum() == pytest.approx(truth.star_flux[0, index], rel=0.02)


def test_a_red_star_is_brightest_on_red_pixels() -> None:
    truth = plan(one_star(8.0, 1.9), np.random.default_rng(1))
    mosaic = render(truth, 0, np.random.default_rng(2)).astype(float)
    red = (mosaic[0::2, 1::2] - np.median(mosaic[0::2, 1::2])).sum()
    blue = (mosaic[1::2, 0::2] - np.median(mosaic[1::2, 0::2])).sum()
    assert red > 3 * blue


def test_stars_are_where_the_truth_says(make_night: MakeNight) -> None:
    truth = make_night(rotation_deg_per_hour=300.0, dither_px=20.0)
    for index, path in enumerate(truth.paths):
        pixels = fits.getdata(path).astype(np.float32)
        grey = (pixels[0::2, 0::2] + pixels[1::2, 1::2]) / 2
        background = sep.Background(grey)
        found = sep.extract(grey - background, 5 * background.globalrms)
        # The two greens of a cell lie on its diagonal, so their mean is at the cell's middle.
        x, y = 2 * found["x"] + 0.5, 2 * found["y"] + 0.5
        true_x, true_y = truth.stars_in(index)
        bright = truth.star_flux[:, 1] > 40000
        distance = np.hypot(x[:, None] - true_x[bright], y[:, None] - true_y[bright]).min(axis=0)
        inside = (true_x[bright] > 10) & (true_x[bright] < 470)
        inside &= (true_y[bright] > 10) & (true_y[bright] < 630)
        assert inside.sum() >= 10
        assert np.median(distance[inside]) < 0.15


def test_transforms_agree_with_the_star_positions(make_night: MakeNight) -> None:
    truth = make_night(jump_at=2, rotation_deg_per_hour=120.0)
    a, b, c, d, e, f = truth.transform(3, to=1)
    x, y = truth.stars_in(3)
    there_x, there_y = truth.stars_in(1)
    np.testing.assert_allclose(a * x + b * y + c, there_x, atol=1e-6)
    np.testing.assert_allclose(d * x + e * y + f, there_y, atol=1e-6)


def test_pointing_and_projection_agree_with_astropy(make_night: MakeNight) -> None:
    grid = make_night(position_angle_deg=33.0).night.grid
    wcs = WCS(naxis=2)
    wcs.wcs.ctype = "RA---TAN", "DEC--TAN"
    wcs.wcs.crval = grid.ra_deg, grid.dec_deg
    wcs.wcs.crpix = grid.middle + 1
    wcs.wcs.cd = grid.axes
    for x, y in ((0.0, 0.0), (479.0, 639.0), (100.0, 500.0)):
        np.testing.assert_allclose(grid.to_sky(x, y), wcs.all_pix2world(x, y, 0), atol=1e-9)
        ra, dec = grid.to_sky(x, y)
        px, py = grid.to_pixels(np.array([ra]), np.array([dec]))
        assert (float(px[0]), float(py[0])) == pytest.approx((x, y), abs=1e-6)
    assert np.linalg.det(grid.axes) > 0


def test_noise_and_levels_are_those_of_a_real_sub() -> None:
    """Measured on the first sub of the real M 94 night, in the cells G R / B G."""
    night = Night(star_field("X", 192.7, 41.1, np.random.default_rng(5), index_dir=None), n_subs=1)
    mosaic = render(plan(night, np.random.default_rng(1)), 0, np.random.default_rng(2))
    real = {(0, 0): (991, 87.8), (0, 1): (840, 76.4), (1, 0): (789, 71.7), (1, 1): (991, 87.3)}
    for (row, column), (level, noise) in real.items():
        background = sep.Background(mosaic[row::2, column::2].astype(np.float32))
        assert background.globalback == pytest.approx(level, abs=12)
        assert background.globalrms == pytest.approx(noise, rel=0.03)


def test_cloud_smear_trail_and_jump_happen_to_the_subs_named(make_night: MakeNight) -> None:
    truth = make_night(n_subs=5, cloudy=(1,), trailed=(2,), satellites=(3,), jump_at=4)
    levels = [float(np.median(fits.getdata(path))) for path in truth.paths]
    assert levels[1] > levels[0] + 60
    assert [sub.transparency for sub in truth.subs] == [1.0, 0.2, 1.0, 1.0, 1.0]
    assert [sub.smear_px != (0.0, 0.0) for sub in truth.subs] == [False, False, True, False, False]
    trail = truth.subs[3].trails[0]
    column = 240
    row = round(trail.y0 + (trail.y1 - trail.y0) * column / (trail.x1 - trail.x0))
    pixels = fits.getdata(truth.paths[3]).astype(float)
    assert pixels[row - 1 : row + 2, column - 3 : column + 4].mean() > levels[3] + 250
    pointings = [(sub.header_ra_deg, sub.header_dec_deg) for sub in truth.subs]
    assert len(set(pointings[:4])) == 1
    assert pointings[4] != pointings[0]


def test_hot_pixels_stay_on_the_sensor(make_night: MakeNight) -> None:
    truth = make_night(n_hot_pixels=5, dither_px=15.0)
    for path in truth.paths:
        pixels = fits.getdata(path)
        hot = pixels[truth.hot_pixels.y, truth.hot_pixels.x].astype(float)
        assert (hot > np.median(pixels) + 0.5 * truth.hot_pixels.adu).all()


def test_header_has_the_keywords_of_a_real_sub(make_night: MakeNight, real_subs: Path) -> None:
    real = fits.getheader(sorted(real_subs.glob("*/*.fit"))[0])
    made = fits.getheader(make_night().paths[0])
    assert set(made) == set(real) - {"COMMENT", "EXTEND"}
    same = ("BITPIX", "BZERO", "BAYERPAT", "FOCALLEN", "INSTRUME", "FILTER", "IMAGETYP", "TOTALEXP")
    assert [made[key] for key in same] == [real[key] for key in same]


def test_file_names_carry_the_local_time_of_saving(make_night: MakeNight) -> None:
    start = datetime(2025, 3, 27, 1, 20, 32, 955368, tzinfo=UTC)
    truth = make_night(start=start, utc_offset_h=-4.0)
    # A real sub of that DATE-OBS is called ...20250326-212046.fit
    assert truth.paths[0].name == "Light_Test Field_10.0s_IRCUT_20250326-212045.fit"
    assert fits.getheader(truth.paths[0])["DATE-OBS"] == "2025-03-27T01:20:32.955368"


def test_same_seed_same_night(tmp_path: Path) -> None:
    first, second = (write_small_night(tmp_path / name, 7, {}) for name in "ab")
    for one, other in zip(first.paths, second.paths, strict=True):
        assert one.read_bytes() == other.read_bytes()


def test_demo_evening_has_two_targets_a_quarter_of_an_hour_apart(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    nights = demo_nights(rng, n_subs=3, camera=SEESTAR_S50.resized(240, 320))
    assert [night.scene.name for night in nights] == ["M 81", "NGC 7023"]
    truths = [write_night(tmp_path, night, rng) for night in nights]
    assert len(list(tmp_path.glob("Light_*.fit"))) == 6
    blocks = {
        int(sub.start.timestamp() // 900) - int(truths[0].subs[0].start.timestamp() // 900)
        for truth in truths
        for sub in truth.subs
    }
    assert blocks == {0, 1}


def test_a_galaxy_has_its_magnitude() -> None:
    glow = Glow(10.0, 20.0, 9.0, 40.0, axis_ratio=0.6, position_angle_deg=30.0)
    night = one_star(20.0, 0.65)
    scene = type(night.scene)("Glow", 10.0, 20.0, night.scene.stars, (glow,))
    night = replace(night, scene=scene, camera=night.camera.resized(400, 400))
    truth = plan(night, np.random.default_rng(1))
    mosaic = render(truth, 0, np.random.default_rng(2)).astype(float)
    green = mosaic[0::2, 0::2] - SEESTAR_S50.bias_adu - night.sky_adu[1]
    assert 4 * green.sum() == pytest.approx(10 ** (0.4 * (23.2 - 9.0)), rel=0.05)


def test_mono_cameras_have_no_pattern() -> None:
    night = one_star(8.0, 0.65)
    mono = Night(night.scene, type(night.camera)(width=200, height=160, pattern="MONO"), n_subs=1)
    truth = plan(mono, np.random.default_rng(1))
    assert "BAYERPAT" not in header(truth, 0)
    assert render(truth, 0, np.random.default_rng(2)).shape == (160, 200)


def test_tycho_stars_come_from_the_index_file() -> None:
    index = find_index(DEFAULT_INDEX_DIR)
    if index is None:
        pytest.skip(f"no Tycho-2 index in {DEFAULT_INDEX_DIR}; ./dev demo installs it")
    stars = stars_near(index, 192.72, 41.12, 0.6)
    assert (np.diff(stars.v_mag) >= 0).all()
    # The two brightest catalogue stars round M 94, V_T 8.76 and 8.86.
    np.testing.assert_allclose(stars.ra_deg[:2], [192.2105, 193.4026], atol=1e-3)
    np.testing.assert_allclose(stars.dec_deg[:2], [41.5697, 40.8904], atol=1e-3)
    np.testing.assert_allclose(stars.v_mag[:2], [8.756, 8.855], atol=1e-3)
    separation = np.hypot(
        (stars.ra_deg - 192.72) * np.cos(np.radians(41.12)), stars.dec_deg - 41.12
    )
    assert separation.max() < 0.61
