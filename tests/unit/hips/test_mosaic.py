"""Planted stars stand where HEALPix says, and stacks merge without steps.

Where a position belongs in a HiPS is computed by astropy-healpix, which shares no code with ours.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import astropy.units as u
import numpy as np
import pytest
from astropy.io import fits
from astropy_healpix import HEALPix

from crowdsky.hips.calibrated import CalibratedPicture, NotCalibratedError, read_calibrated
from crowdsky.hips.mosaic import Mosaic
from crowdsky.hips.tile_grid import FIRST_ORDER, LAST_ORDER, TILE_PX
from crowdsky.pictures.background import NoSkyError
from tests.unit.hips.conftest import ZERO_POINT, plate

Tiles = dict[int, tuple[np.ndarray, np.ndarray]]


@cache
def calibrated(path: Path) -> CalibratedPicture:
    """Read a stack once; the paths of tests differ."""
    return read_calibrated(path)


def merge(folder: Path, region: int, *stacks: Path) -> Tiles:
    folder.mkdir()
    mosaic = Mosaic(folder, region)
    for path in stacks:
        mosaic.add(calibrated(path))
    return {tile: (light, weight) for tile, light, weight in mosaic.tiles()}


def place(ra: float, dec: float) -> tuple[int, float, float]:
    """Tile of the last order, row and column in it, of a position."""
    pixels = HEALPix(1 << LAST_ORDER, order="nested")
    tile, dx, dy = pixels.lonlat_to_healpix(ra * u.deg, dec * u.deg, return_offsets=True)
    return int(tile), TILE_PX * float(dx) - 0.5, TILE_PX * float(dy) - 0.5


def region_of(ra: float, dec: float) -> int:
    return place(ra, dec)[0] >> 2 * (LAST_ORDER - FIRST_ORDER)


def centroid(plane: np.ndarray, row: float, column: float, reach: int = 6) -> tuple[float, float]:
    rows, columns = np.mgrid[: plane.shape[0], : plane.shape[1]]
    near = (abs(rows - row) <= reach) & (abs(columns - column) <= reach)
    light = np.where(near, plane, 0.0)
    return float((light * rows).sum() / light.sum()), float((light * columns).sum() / light.sum())


@pytest.mark.parametrize(
    ("ra", "dec", "turn"),
    [
        pytest.param(192.72, 41.12, 30.0, marks=pytest.mark.every, id="middle of the northern sky"),
        pytest.param(0.02, -0.03, 0.0, id="both sides of RA 0"),
        pytest.param(
            315.3, -41.81, 200.0, marks=pytest.mark.every, id="where the equator's grid ends"
        ),
        pytest.param(37.9, 89.2, 75.0, id="near the pole"),
    ],
)
def test_stars_stand_where_healpix_says(
    tmp_path: Path, stack: Callable[..., Path], ra: float, dec: float, turn: float
) -> None:
    wcs = plate(ra, dec, turn=turn)
    at = [(x, y) for x in (62.3, 119.8, 181.6) for y in (70.2, 140.7, 214.1, 290.4)]
    stars = [(*(float(one) for one in wcs.sky(x, y)), 9.0) for x, y in at]
    path = stack("stack.fits", wcs, stars)
    checked = 0
    for region in {region_of(star[0], star[1]) for star in stars}:
        tiles = merge(tmp_path / f"sums{region}", region, path)
        for star_ra, star_dec, magnitude in stars:
            tile, row, column = place(star_ra, star_dec)
            inside = min(row, column) > 8 and max(row, column) < TILE_PX - 9
            if tile not in tiles or not inside:
                continue
            green = tiles[tile][0][1]
            found = centroid(green, row, column)
            assert found == pytest.approx((row, column), abs=0.5)
            rows, columns = (slice(round(at) - 8, round(at) + 9) for at in (row, column))
            light = float(green[rows, columns].sum())
            assert -2.5 * np.log10(light) + 25.0 == pytest.approx(magnitude, abs=0.12)
            checked += 1
    assert checked >= 6


def test_stacks_of_different_skies_merge_without_steps(
    tmp_path: Path, stack: Callable[..., Path]
) -> None:
    # Another sky, gradient, exposure and pixel scale: the second one sees four times the light.
    stars = [(192.72, 41.12, 10.0), (192.72, 41.17, 10.0)]
    first = stack("a.fits", plate(192.70, 41.10), stars, seed=2)
    second = stack(
        "b.fits", plate(192.76, 41.18, 3.0, 50.0), stars, seed=3,
        zero_point=ZERO_POINT + 1.5, gradient=-80.0,
    )  # fmt: skip
    region = region_of(192.72, 41.12)
    one = merge(tmp_path / "one", region, first)
    other = merge(tmp_path / "other", region, second)
    both = merge(tmp_path / "both", region, first, second)

    edge_seen = 0
    for tile, (light, weight) in both.items():
        alone = one.get(tile, (light, np.zeros_like(weight)))[1] > 0
        beside = other.get(tile, (light, np.zeros_like(weight)))[1] > 0
        assert ((weight > 0) == (alone | beside)).all()
        # On both sides of an edge of the first stack, inside the second.
        edge = (alone[:, 1:] != alone[:, :-1]) & beside[:, 1:] & beside[:, :-1]
        rows, columns = np.nonzero(edge)
        keep = (columns > 12) & (columns < TILE_PX - 13)
        green = light[1]
        steps = [
            green[row, column + 1 : column + 11].mean() - green[row, column - 9 : column + 1].mean()
            for row, column in zip(rows[keep], columns[keep], strict=True)
        ]
        if len(steps) > 40:
            noise = np.std(green[beside & ~alone]) if (beside & ~alone).sum() > 500 else 50.0
            assert abs(np.median(steps)) < 0.25 * noise
            edge_seen += len(steps)
    assert edge_seen > 100
    tile, row, column = place(192.72, 41.12)
    light = both[tile][0][1][round(row) - 8 : round(row) + 9, round(column) - 8 : round(column) + 9]
    assert -2.5 * np.log10(float(light.sum())) + 25.0 == pytest.approx(10.0, abs=0.1)


def test_what_is_left_of_a_sky_fades_out_at_the_edge(
    tmp_path: Path, stack: Callable[..., Path]
) -> None:
    # Two stacks that differ by 100 everywhere, as if a sky had been fitted wrongly.
    dark = read_calibrated(stack("a.fits", plate(192.70, 41.10), []))
    bright = read_calibrated(stack("b.fits", plate(192.72, 41.18, turn=20.0), [], seed=4))
    dark = replace(dark, planes=np.zeros_like(dark.planes))
    bright = replace(bright, planes=np.full_like(bright.planes, 100.0))
    (tmp_path / "sums").mkdir()
    mosaic = Mosaic(tmp_path / "sums", region_of(192.72, 41.12))
    assert mosaic.add(dark) and mosaic.add(bright)
    seen, steps = 0.0, 0
    for _, light, weight in mosaic.tiles():
        both = (weight[1:] > 0) & (weight[:-1] > 0)
        # Where the edges of both cross, the step cannot be avoided.
        steps += int((np.abs(np.diff(light[1], axis=0))[both] > 12.0).sum())
        seen = max(seen, float(np.ptp(light[1][weight > 0])))
    assert seen == pytest.approx(100.0, abs=1.0)
    assert steps < 60


def test_mosaic_keeps_to_its_region(tmp_path: Path, stack: Callable[..., Path]) -> None:
    region = region_of(192.72, 41.12)
    path = stack("a.fits", plate(192.72, 41.12), [(192.72, 41.12, 10.0)])
    assert merge(tmp_path / "here", region, path)
    assert merge(tmp_path / "elsewhere", (region + 1) % 768, path) == {}


def test_stack_without_plate_or_zero_point_is_refused(
    stack: Callable[..., Path], without: Callable[[Path, str], Path]
) -> None:
    wcs = plate(192.72, 41.12)
    with pytest.raises(NotCalibratedError, match="no plate"):
        read_calibrated(without(stack("a.fits", wcs, []), "CRVAL1"))
    with pytest.raises(NotCalibratedError, match="no zero point"):
        read_calibrated(without(stack("b.fits", wcs, []), "ZPB"))


def test_stack_without_sky_is_refused(stack: Callable[..., Path]) -> None:
    path = stack("a.fits", plate(192.72, 41.12), [])
    with fits.open(path, mode="update") as hdus:
        hdus["FOOTPRINT"].data[:] = 0
    with pytest.raises(NoSkyError):
        read_calibrated(path)
