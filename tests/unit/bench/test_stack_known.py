"""Stars and patches that are planted in subs, and the tools and settings of the benchmark."""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from bench import peers
from bench.native_choice import settings
from bench.stack import _checkout, _command
from bench.stack_known import (
    ISOLATION_PX,
    add_to_night,
    isolated,
    listed,
    night_known,
    night_patches,
    plant,
)
from crowdsky.stacking.registration.transform import Affine, apply, invert
from crowdsky.synthetic.sky import SEESTAR_S50, Night, plan, star_field, write_night
from demo.services import REPOSITORY

SIZE = 1000
TURNED: Affine = (0.999, -0.04, 12.0, 0.04, 0.999, -9.0)
COLUMNS = np.dtype([("FILENAME", "U9"), ("USED", "?"), ("FWHM", "f4"), ("TRANSFORM", "6f8")])


@pytest.fixture
def subs(tmp_path: Path) -> list[Path]:
    """Three even subs: the reference, a turned one, and one that was left out."""
    paths = [tmp_path / f"sub{index}.fit" for index in range(3)]
    for path in paths:
        hdu = fits.PrimaryHDU(np.full((SIZE, SIZE), 1000, np.uint16))
        hdu.header["BAYERPAT"] = "GRBG"
        hdu.writeto(path)
    return paths


def product(subs: list[Path], output: Path) -> Path:
    rows = np.zeros(3, COLUMNS)
    rows["FILENAME"] = [path.name for path in subs]
    rows["USED"] = [True, True, False]
    rows["FWHM"] = 3.0
    rows["TRANSFORM"] = [(1, 0, 0, 0, 1, 0), TURNED, (np.nan,) * 6]
    red = fits.ImageHDU(np.zeros((SIZE, SIZE), np.float32), name="RED")
    fits.HDUList([fits.PrimaryHDU(), red, fits.BinTableHDU(rows, name="FRAMES")]).writeto(output)
    return output


def test_real_subs_get_the_same_stars_where_their_transforms_say(
    subs: list[Path], tmp_path: Path
) -> None:
    rng = np.random.default_rng(4)
    field = listed(np.array([300.0]), np.array([310.0]), np.array([5e4]))
    stack = product(subs, tmp_path / "stack.fits")
    copies, known = plant(subs, stack, tmp_path / "planted", field, rng)
    assert [copy.name for copy in copies] == [path.name for path in subs]
    assert not known.complete
    assert isolated(known.stars).all()
    off_field = np.hypot(known.stars.x - 300.0, known.stars.y - 310.0)
    assert off_field.min() > ISOLATION_PX
    assert (np.diff(known.stars.light) <= 0.0).all()
    assert known.colours.mean(axis=1) == pytest.approx(known.stars.light)
    reference, turned, left_out = (fits.getdata(copy).astype(float) - 1000.0 for copy in copies)
    assert not left_out.any()
    for pixels, place in ((reference, (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)), (turned, TURNED)):
        x, y = apply(invert(place), known.stars.x[:5], known.stars.y[:5])
        for star_x, star_y, light in zip(x, y, known.stars.light[:5], strict=True):
            row, column = round(star_y), round(star_x)
            seen = pixels[row - 8 : row + 9, column - 8 : column + 9].sum()
            # A quarter of the pixels is red, a quarter blue, half green; colours differ by 20 %.
            assert seen == pytest.approx(light, rel=0.35)


def test_patches_are_in_every_sub_of_a_night(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    scene = star_field("Field", 150.0, 30.0, rng, radius_deg=0.3, stars_per_sq_deg=100.0,
                       index_dir=None)  # fmt: skip
    night = Night(scene, SEESTAR_S50.resized(SIZE, SIZE), 2, cloudy=(1,))
    truth = plan(night, np.random.default_rng(5))
    patches = night_patches(truth, np.random.default_rng(6))
    known = night_known(truth, patches)
    assert known.complete
    assert known.stars is known.field
    assert known.colours.mean(axis=1) == pytest.approx(known.stars.light)
    written = write_night(tmp_path, night, np.random.default_rng(5))
    before = [fits.getdata(path).astype(float) for path in written.paths]
    add_to_night(written, patches, np.random.default_rng(7))
    added = [fits.getdata(path) - old for path, old in zip(written.paths, before, strict=True)]
    large = patches.of((patches.size == 64.0) & np.isnan(patches.angle))
    rows, columns = np.mgrid[:SIZE, :SIZE]
    for sub, light, share in zip(written.subs, added, (1.0, 0.2), strict=True):
        x, y = apply(invert(sub.to_reference), large.x, large.y)
        inside = np.hypot(columns - x[0], rows - y[0]) < 28.0
        expected = share * large.adu[0]
        noise = np.sqrt(14.0 * expected / inside.sum())  # of photons
        assert light[inside].mean() == pytest.approx(expected, abs=4.0 * noise + 0.05)


def test_settings_of_a_choice() -> None:
    chosen, *combined = settings(["sharp=0", "blur=0.33", "sigma_clip=0", "weights=equal"])
    assert (chosen.sharp, chosen.blur) == (0.0, 0.33)
    assert combined == ["mean", None, "equal"]
    with pytest.raises(ValueError, match="no setting sharpness; there are sharp, blur"):
        settings(["sharpness=2"])


def test_missing_peers_are_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    monkeypatch.setenv(peers.SEIZA_VARIABLE, str(tmp_path / "python"))
    found, missing = peers.peers_here()
    assert [tool.name for tool in found] == ["seestarpy"]
    assert missing == [peers.SIRIL_MISSING, peers.SEIZA_MISSING]
    assert peers.peers_here([]) == ([], [])


def test_a_python_without_seiza_is_not_taken_for_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(peers.SEIZA_VARIABLE, sys.executable)
    assert peers.seiza_python() is None


def test_another_checkout_runs_in_its_own_folder(tmp_path: Path) -> None:
    run = peers.before(REPOSITORY).prepare([tmp_path / "a.fit"], tmp_path / "work")
    assert run.folder == REPOSITORY.resolve()
    assert run.output.is_absolute()
    assert _checkout(str(REPOSITORY)) == REPOSITORY
    with pytest.raises(argparse.ArgumentTypeError, match="no checkout of this repository"):
        _checkout(str(tmp_path))


def test_the_page_names_no_folder_of_this_machine() -> None:
    said = _command(["--frames", "/home/me/subs", "--against", "/home/me/old", "--write"])
    assert said == "./dev bench stack --frames DIR --against DIR --write"
