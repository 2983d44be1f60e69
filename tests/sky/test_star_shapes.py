"""Stars whose shape differs between subs keep their light; what crosses them is rejected."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from bench.stack_shapes import magnitudes_lost
from crowdsky.stacking.engine import StackedPicture
from crowdsky.stacking.registration.transform import apply
from crowdsky.stacking.stack_files import merge_files, stack_files
from crowdsky.synthetic.records import Truth
from tests.sky.conftest import MakeNight
from tests.sky.native_checks import reference_index, run, trail_light, used

WIND = {"n_subs": 8, "trailed": (1, 3, 4, 6), "smear_px": 5.0}
SEEING = {"n_subs": 8, "soft": (0, 1, 5, 6), "soft_factor": 1.5}
ALL_TRAILED = {"n_subs": 6, "trailed": (0, 1, 2, 3, 4, 5), "smear_px": 10.0}


def star_sums(planes: np.ndarray, x: np.ndarray, y: np.ndarray, radius: float = 9.0) -> np.ndarray:
    """Light of the stars at x, y above a ring around them, (n,)."""
    grey = planes.mean(axis=0)
    rows, columns = np.mgrid[-16:17, -16:17]
    sums = []
    for column, row in zip(np.rint(x).astype(int), np.rint(y).astype(int), strict=True):
        box = grey[row - 16 : row + 17, column - 16 : column + 17]
        apart = np.hypot(rows, columns)
        sums.append((box - np.median(box[apart > 12.0]))[apart <= radius].sum())
    return np.array(sums)


def bright_places(picture: StackedPicture, truth: Truth) -> tuple[np.ndarray, np.ndarray]:
    """Where the stars of the brightest three magnitudes are in a stack, off its edges."""
    x, y = truth.stars_in(reference_index(picture))
    light = truth.star_flux.mean(axis=1)
    height, width = picture.footprint.shape
    inside = (x > 60) & (y > 60) & (x < width - 60) & (y < height - 60)
    # Brighter ones reach the limit of 16 bits.
    bright = inside & (light < 250_000.0) & (light > 12_000.0)
    return x[bright], y[bright]


@pytest.mark.parametrize("night", [WIND, SEEING, ALL_TRAILED], ids=["wind", "seeing", "trailed"])
def test_bright_stars_keep_their_light(make_night: MakeNight, night: dict[str, object]) -> None:
    truth = make_night(seed=4, **night)
    picture, whole = run(truth.paths), run(truth.paths, sigma_clip=None)
    assert all(used(picture))
    places = bright_places(picture, truth)
    found = magnitudes_lost(star_sums(whole.planes, *places), star_sums(picture.planes, *places))
    assert found.n_stars >= 10
    assert abs(found.zero_point) < 0.01
    assert abs(found.over_span) < 0.015
    assert picture.star_loss is not None
    assert abs(picture.star_loss) < 0.005
    assert whole.star_loss is None


def test_trails_are_rejected_in_wind_too(make_night: MakeNight) -> None:
    truth = make_night(seed=4, satellites=(2, 7), **WIND)
    picture = run(truth.paths)
    assert abs(trail_light(picture, truth, sub=2)) < 0.1
    assert abs(trail_light(picture, truth, sub=7)) < 0.1


def test_a_loss_of_star_light_is_reported(make_night: MakeNight, tmp_path: Path) -> None:
    truth = make_night(seed=4, **ALL_TRAILED)
    result = stack_files(truth.paths, tmp_path / "harsh.fits", sigma_clip=0.3)
    (note,) = [note for note in result.notes if "rejection took" in note]
    header = fits.getheader(tmp_path / "harsh.fits")
    assert header["CLIPLOSS"] > 0.5
    assert f"{header['CLIPLOSS']:.1f}%" in note
    gentle = stack_files(truth.paths, tmp_path / "gentle.fits")
    assert not [note for note in gentle.notes if "rejection took" in note]
    assert abs(fits.getheader(tmp_path / "gentle.fits")["CLIPLOSS"]) < 0.5


def test_stacks_of_different_sharpness_merge_without_loss(
    make_night: MakeNight, tmp_path: Path
) -> None:
    truth = make_night(seed=4, **(ALL_TRAILED | {"trailed": (4, 5), "smear_px": 7.0}))
    parts = []
    for index in range(3):
        path = tmp_path / f"part{index}.fits"
        stack_files(truth.paths[2 * index : 2 * index + 2], path)
        parts.append(path)

    def merged(name: str, sigma_clip: float | None) -> np.ndarray:
        merge_files(parts, tmp_path / name, sigma_clip)
        with fits.open(tmp_path / name) as hdus:
            return np.array([hdus[plane].data for plane in ("RED", "GREEN", "BLUE")], np.float32)

    deep, whole = merged("deep.fits", 3.0), merged("whole.fits", None)
    with fits.open(tmp_path / "deep.fits") as hdus:
        to_stack = tuple(float(value) for value in hdus["FRAMES"].data["TRANSFORM"][0])
    x, y = apply(to_stack, *truth.stars_in(0))  # type: ignore[arg-type]
    light = truth.star_flux.mean(axis=1)
    height, width = deep.shape[1:]
    chosen = (x > 60) & (y > 60) & (x < width - 60) & (y < height - 60)
    chosen &= (light < 250_000.0) & (light > 12_000.0)
    found = magnitudes_lost(
        star_sums(whole, x[chosen], y[chosen]), star_sums(deep, x[chosen], y[chosen])
    )
    assert abs(found.zero_point) < 0.01
    assert abs(found.over_span) < 0.015
