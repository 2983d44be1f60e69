"""The tar file of a region: its tiles of all orders, its part of Allsky, and what it covers."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path

import astropy.units as u
import numpy as np
import pytest
from astropy_healpix import HEALPix
from PIL import Image

from crowdsky.hips.calibrated import read_calibrated
from crowdsky.hips.colours import BRIGHT, SKY_LEVEL, colours
from crowdsky.hips.mosaic import Mosaic
from crowdsky.hips.region import COVERAGE_ORDER, write_region
from tests.unit.hips.conftest import SHAPE, plant, plate
from tests.unit.hips.test_mosaic import centroid, place, region_of

RA, DEC = 192.72, 41.12


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    tmp_path = tmp_path_factory.mktemp("region")
    path = plant(tmp_path / "a.fits", plate(RA, DEC), [(RA, DEC, 9.0)], noise=0.1)
    (tmp_path / "sums").mkdir()
    mosaic = Mosaic(tmp_path / "sums", region_of(RA, DEC))
    mosaic.add(read_calibrated(path))
    numbers: list[int] = []
    count = write_region(mosaic, tmp_path / "region.tar", numbers.append)
    with tarfile.open(tmp_path / "region.tar") as tar:
        members = {entry.name: tar.extractfile(entry).read() for entry in tar}
    tiles = [name for name in members if name.startswith("Norder")]
    assert len(tiles) == count
    assert numbers == list(range(1, len([name for name in tiles if "Norder7" in name]) + 1))
    return members


def picture(content: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(content)))


def test_star_is_in_the_tile_of_every_order(drawn: dict[str, bytes]) -> None:
    tile, row, column = place(RA, DEC)
    for order in range(7, 2, -1):
        image = picture(drawn[f"Norder{order}/Dir{tile // 10000 * 10000}/Npix{tile}.png"])
        assert image.shape == (512, 512, 4)
        light = np.maximum(image[..., 1] - 60.0, 0.0)
        assert centroid(light, row, column, 4) == pytest.approx((row, column), abs=0.5)
        # In the next order, by the geometry of HEALPix itself.
        pixels = HEALPix(1 << order - 1, order="nested")
        found, dx, dy = pixels.lonlat_to_healpix(RA * u.deg, DEC * u.deg, return_offsets=True)
        tile, row, column = int(found), 512 * float(dx) - 0.5, 512 * float(dy) - 0.5


def test_uncovered_sky_is_transparent(drawn: dict[str, bytes]) -> None:
    tile, _, _ = place(RA, DEC)
    image = picture(drawn[f"Norder3/Dir0/Npix{tile >> 8}.png"])
    assert (image[..., 3] > 0).mean() < 0.01
    assert (image[image[..., 3] == 0] == 0).all()
    small = np.frombuffer(drawn["allsky.rgba"], np.uint8).reshape(64, 64, 4)
    assert 0 < (small[..., 3] > 0).sum() <= 9


def test_coverage_holds_every_tile_and_not_much_more(drawn: dict[str, bytes]) -> None:
    ranges = json.loads(drawn["coverage.json"])
    assert ranges == sorted(ranges)
    pixels = HEALPix(1 << COVERAGE_ORDER, order="nested")
    covered = {pixel for first, last in ranges for pixel in range(first, last + 1)}
    tiles = {int(name[:-4].split("Npix")[1]) for name in drawn if name.startswith("Norder7")}
    assert {pixel >> 2 * (COVERAGE_ORDER - 7) for pixel in covered} == tiles
    # The last ten columns of the stack are not covered.
    wcs = plate(RA, DEC)
    x, y = np.meshgrid(np.arange(0, SHAPE[1] - 11), np.arange(0, SHAPE[0]))
    ra, dec = wcs.sky(x, y)
    found = pixels.lonlat_to_healpix(ra.ravel() * u.deg, dec.ravel() * u.deg)
    assert set(found.tolist()) <= covered
    assert len(covered - set(found.tolist())) < 0.05 * len(covered)


def test_region_without_stacks_has_no_tiles(tmp_path: Path) -> None:
    (tmp_path / "sums").mkdir()
    assert write_region(Mosaic(tmp_path / "sums", 5), tmp_path / "region.tar", print) == 0
    with tarfile.open(tmp_path / "region.tar") as tar:
        assert tar.getnames() == ["coverage.json"]


def test_stretch_keeps_sky_and_hue() -> None:
    light = np.zeros((3, 1, 4), np.float32)
    light[:, 0, 1] = (4 * BRIGHT, 2 * BRIGHT, BRIGHT)
    light[:, 0, 2] = 800.0
    share = np.array([[1.0, 1.0, 0.5, 0.0]], np.float32)
    shown = colours(light, share)
    assert list(shown[0, 0]) == [round(255 * SKY_LEVEL)] * 3 + [255]
    assert shown[0, 1, 0] == 255 and shown[0, 1, 0] > shown[0, 1, 1] > shown[0, 1, 2]
    assert len(set(shown[0, 2, :3])) == 1 and shown[0, 2, 3] == 128
    assert not shown[0, 3].any()
