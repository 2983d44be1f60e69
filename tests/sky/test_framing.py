"""What a stack shows of its subs: --framing intersection and max, and mosaics of several fields."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from crowdsky.base.errors import ConfigurationError
from crowdsky.frames.fits_header import FrameHeader
from crowdsky.solving.tan import project
from crowdsky.sources.sep_extract import detect_stars
from crowdsky.stacking.engine import FindPlate, PlateStars, StackedPicture, StackOptions
from crowdsky.stacking.engines import native_canvas
from crowdsky.stacking.engines.native import stack
from crowdsky.stacking.engines.native_canvas import NoCanvasError
from crowdsky.stacking.framings import INTERSECTION, MAX, REFERENCE
from crowdsky.stacking.registration.detect import Stars
from crowdsky.stacking.registration.register import align
from crowdsky.stacking.stack_files import stack_files
from crowdsky.synthetic.mosaics import Layout, panel_nights
from crowdsky.synthetic.records import Truth
from crowdsky.synthetic.sky import SEESTAR_S50, Night, Scene, star_field, write_night
from tests.sky.conftest import MakeNight
from tests.sky.native_checks import used

SIDE = SEESTAR_S50.resized(480, 640)
SCALE_DEG = SIDE.pixel_scale_arcsec / 3600.0


def framed(
    paths: Sequence[Path],
    framing: str,
    sigma_clip: float | None = 3.0,
    find_plate: FindPlate | None = None,
) -> StackedPicture:
    options = StackOptions(sigma_clip=sigma_clip, framing=framing, find_plate=find_plate)
    return stack(paths, options, lambda _stage, _done, _total: None)


@dataclass(frozen=True)
class Panels:
    """A synthetic mosaic on disk."""

    scene: Scene
    truths: list[Truth]

    @property
    def paths(self) -> list[Path]:
        return [path for truth in self.truths for path in truth.paths]


def render(folder: Path, layout: Layout, n_subs: int = 3) -> Panels:
    rng = np.random.default_rng(11)
    scene = star_field(
        "Test Field", 150.0, 30.0, rng, radius_deg=0.6, stars_per_sq_deg=5000.0, index_dir=None
    )
    night = Night(scene, SIDE, n_subs, dither_px=6.0, n_hot_pixels=3, n_warm_pixels=30)
    nights = panel_nights(night, layout)
    return Panels(scene, [write_night(folder / str(i), one, rng) for i, one in enumerate(nights)])


@pytest.fixture(scope="module")
def four(tmp_path_factory: pytest.TempPathFactory) -> Panels:
    return render(tmp_path_factory.mktemp("four"), Layout(2, 2, turn_deg=3.0))


@pytest.fixture(scope="module")
def four_stacked(four: Panels) -> StackedPicture:
    return framed(four.paths, MAX)


@pytest.fixture(scope="module")
def apart(tmp_path_factory: pytest.TempPathFactory) -> Panels:
    """Two panels that share nothing."""
    return render(tmp_path_factory.mktemp("apart"), Layout(3, 1, missing=(1,)))


def position_errors(picture: StackedPicture, scene: Scene) -> np.ndarray:
    """Offsets (n, 2) in pixels of bright stars from where a plane over the scene has them."""
    stars = detect_stars(picture.planes, picture.footprint)[:250]
    xi, eta = project(scene.stars.ra_deg, scene.stars.dec_deg, scene.ra_deg, scene.dec_deg)
    true = (xi + 1j * eta) / SCALE_DEG
    true = true[np.argsort(scene.stars.v_mag)][:3000]
    height, width = picture.footprint.shape
    seen = stars["x"] - (width - 1) / 2 + 1j * (stars["y"] - (height - 1) / 2)
    start = align(_listed(seen), _listed(true[:300]))
    assert start is not None
    a, _, c, d, _, f = start.transform
    turn = np.array([a + 1j * d, c + 1j * f])
    for radius in (6.0, 3.0, 1.0, 1.0):
        placed = turn[0] * seen + turn[1]
        nearest = np.abs(placed[:, None] - true).argmin(axis=1)
        near = np.abs(placed - true[nearest]) < radius
        design = np.stack([seen[near], np.ones(near.sum())], axis=1)
        turn = np.linalg.lstsq(design, true[nearest[near]], rcond=None)[0]
    assert near.sum() > 120
    off = (true[nearest[near]] - design @ turn) / turn[0]
    return np.stack([off.real, off.imag, seen[near].real, seen[near].imag], axis=1)


def _listed(places: np.ndarray) -> Stars:
    """A list of stars, brightest first."""
    alike = np.ones(places.size)
    light = np.arange(places.size, 0.0, -1.0)
    return Stars(places.real, places.imag, light, 50.0 * alike, 3.0 * alike, 0.0 * alike)


def test_intersection_is_the_part_of_the_stack_that_all_subs_show(make_night: MakeNight) -> None:
    truth = make_night(n_subs=4, dither_px=15.0, rotation_deg_per_hour=300.0)
    whole = stack(truth.paths, StackOptions(sigma_clip=None), lambda *_: None)
    common = framed(truth.paths, INTERSECTION, sigma_clip=None)
    assert common.footprint.min() == 4
    where = [next(f for f in one.frames if f.report.weight == 1.0) for one in (whole, common)]
    transforms = [one.report.transform for one in where]
    assert transforms[0] is not None
    assert transforms[1] is not None
    x, y = round(transforms[0][2] - transforms[1][2]), round(transforms[0][5] - transforms[1][5])
    height, width = common.footprint.shape
    # Samples are whole numbers of 2 ADU, and positions are rounded from another origin.
    cut = whole.planes[:, y : y + height, x : x + width]
    np.testing.assert_allclose(common.planes, cut, atol=2.0)
    assert np.abs(common.planes - cut).mean() < 0.01
    # Nothing larger is covered by all: a row or a column more on any side has a gap.
    full = whole.footprint == 4
    assert full[y : y + height, x : x + width].all()
    assert height * width > 0.9 * full.sum() - 4 * (height + width)


def test_max_shows_every_pixel_of_every_sub(make_night: MakeNight) -> None:
    truth = make_night(n_subs=4, dither_px=30.0)
    picture = framed(truth.paths, MAX)
    assert used(picture) == [True] * 4
    pixels = 4 * truth.night.camera.width * truth.night.camera.height
    assert picture.footprint.sum() == pytest.approx(pixels, rel=0.01)
    for frame in picture.frames:
        assert frame.report.transform is not None
        a, b, c, d, e, f = frame.report.transform
        for x, y in ((0, 0), (479, 0), (0, 639), (479, 639)):
            assert -0.1 <= a * x + b * y + c <= picture.footprint.shape[1] - 0.9
            assert -0.1 <= d * x + e * y + f <= picture.footprint.shape[0] - 0.9
    errors = position_errors(picture, truth.night.scene)
    assert np.median(np.hypot(*errors[:, :2].T)) < 0.22


def test_subs_with_little_in_common_have_no_intersection(
    make_night: MakeNight, monkeypatch: pytest.MonkeyPatch
) -> None:
    truth = make_night(n_subs=4, dither_px=30.0)
    monkeypatch.setattr(native_canvas, "LEAST_SIDE_PX", 479)
    with pytest.raises(NoCanvasError, match="no part of the sky in common"):
        framed(truth.paths, INTERSECTION)


def test_panels_become_one_picture(four: Panels, four_stacked: StackedPicture) -> None:
    assert used(four_stacked) == [True] * 12
    assert four_stacked.n_fields == 4
    height, width = four_stacked.footprint.shape
    assert height > 1.8 * 640
    assert width > 1.8 * 480
    errors = position_errors(four_stacked, four.scene)
    # Offsets of whole panels, not of single stars.
    for side in (errors[:, 2] < 0, errors[:, 2] > 0):
        for half in (errors[:, 3] < 0, errors[:, 3] > 0):
            assert np.hypot(*np.median(errors[side & half, :2], axis=0)) < 0.12


def test_the_sky_of_panels_has_no_step(four_stacked: StackedPicture) -> None:
    """Skies differ by 3 % from panel to panel, 16 ADU; blocks scatter by 10, with their stars."""
    green, seen = four_stacked.planes[1], four_stacked.footprint
    height, width = (side // 16 * 16 for side in green.shape)
    shape = (height // 16, 16, width // 16, 16)
    blocks = np.median(green[:height, :width].reshape(shape).swapaxes(1, 2), axis=(2, 3))
    whole = seen[:height, :width].reshape(shape).min(axis=(1, 3)) > 0
    y, x = np.nonzero(whole)
    design = np.stack([np.ones(x.size), x, y, x * x, x * y, y * y], axis=1)
    fit = np.linalg.lstsq(design, blocks[whole], rcond=None)[0]
    left = np.full(blocks.shape, np.nan)
    left[whole] = blocks[whole] - design @ fit
    scatter = 1.4826 * np.nanmedian(np.abs(left))
    coarse = left[: left.shape[0] // 6 * 6, : left.shape[1] // 6 * 6]
    coarse = coarse.reshape(coarse.shape[0] // 6, 6, -1, 6).swapaxes(1, 2)
    complete = np.isfinite(coarse).sum(axis=(2, 3)) == 36
    means = np.where(
        complete, np.nanmedian(np.where(np.isnan(coarse), 0, coarse), axis=(2, 3)), np.nan
    )
    for axis in (0, 1):
        steps = np.diff(means, axis=axis)
        assert np.sqrt(np.nanmean(steps**2)) < 0.4 * scatter


def test_a_sub_of_another_target_is_left_out(four: Panels, make_night: MakeNight) -> None:
    stray = make_night("stray", seed=5, n_subs=1)
    picture = framed([*four.truths[0].paths, *stray.paths], MAX)
    assert used(picture) == [True, True, True, False]
    assert "no star in common" in picture.frames[-1].report.reason
    assert picture.n_fields == 1


def true_plates(panels: Panels) -> FindPlate:
    """A solver that knows the truth, as a catalogue and a verified plate would tell it."""

    def find(
        x: np.ndarray, y: np.ndarray, _light: np.ndarray, _size: object, header: FrameHeader
    ) -> PlateStars | None:
        for truth in panels.truths:
            for index, sub in enumerate(truth.subs):
                if sub.start == header.date_obs:
                    true_x, true_y = truth.stars_in(index)
                    apart = np.hypot(x[:, None] - true_x, y[:, None] - true_y)
                    near = np.flatnonzero(apart.min(axis=1) < 1.0)
                    stars, partner = panels.scene.stars, apart.argmin(axis=1)[near]
                    return PlateStars(
                        np.stack([x[near], y[near]], axis=1),
                        stars.ra_deg[partner], stars.dec_deg[partner], 2.374, 1,
                    )  # fmt: skip
        return None

    return find


def test_fields_without_a_common_star_need_plates(apart: Panels) -> None:
    alone = framed(apart.paths, MAX)
    assert sum(used(alone)) == 3
    both = framed(apart.paths, MAX, find_plate=true_plates(apart))
    assert used(both) == [True] * 6
    assert (both.footprint == 0).sum() > 0.1 * both.footprint.size
    errors = position_errors(both, apart.scene)
    for side in (errors[:, 2] < 0, errors[:, 2] > 0):
        assert np.hypot(*np.median(errors[side, :2], axis=0)) < 0.12


def test_fields_far_apart_are_no_mosaic(apart: Panels) -> None:
    """A plate may place another target, but not on the same picture."""
    right, last = true_plates(apart), apart.truths[0].subs[-1].start

    def misplaced(
        x: np.ndarray, y: np.ndarray, light: np.ndarray, size: tuple[int, int], header: FrameHeader
    ) -> PlateStars | None:
        plate = right(x, y, light, size, header)
        if plate is None or header.date_obs is None or header.date_obs <= last:
            return plate
        return replace(plate, dec_deg=plate.dec_deg + 20.0)

    picture = framed(apart.paths, MAX, find_plate=misplaced)
    assert sum(used(picture)) == 3
    assert max(picture.footprint.shape) < 900


@pytest.mark.parametrize(
    ("engine", "framing", "says"),
    [("seestarpy", MAX, "cannot frame a stack by max"), ("native", "all", "no framing 'all'")],
)
def test_a_framing_that_there_is_not_is_refused(
    tmp_path: Path, engine: str, framing: str, says: str
) -> None:
    with pytest.raises(ConfigurationError, match=says):
        stack_files([tmp_path / "a.fit"], tmp_path / "out.fits", engine=engine, framing=framing)


def test_the_product_says_its_framing(make_night: MakeNight, tmp_path: Path) -> None:
    truth = make_night(n_subs=2)
    cards = []
    for framing in (REFERENCE, INTERSECTION):
        stack_files(truth.paths, tmp_path / "out.fits", framing=framing)
        cards.append(fits.getheader(tmp_path / "out.fits").get("FRAMING"))
    assert cards == [None, INTERSECTION]


def test_the_picture_does_not_depend_on_threads(four: Panels) -> None:
    paths, options = four.paths[:6], StackOptions(framing=MAX)
    one = stack(paths, options, lambda *_: None, threads=1)
    two = stack(paths, options, lambda *_: None, threads=2)
    np.testing.assert_array_equal(one.planes, two.planes)
