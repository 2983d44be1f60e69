"""Memory that reading a stack takes, which decides how many jobs a small machine can work on."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from crowdsky.photometry.stack_file import read_stack
from tests.support.peak_memory import peak_growth_mb

PLANES = ("RED", "GREEN", "BLUE")


def write_planes(path: Path, shape: tuple[int, int]) -> Path:
    """A stack of planes of the values 1, 2 and 3 with a footprint of 16 bits, its first row 0."""
    footprint = np.full(shape, 40_000, dtype=np.uint16)
    footprint[0] = 0
    hdus = [
        fits.ImageHDU(np.full(shape, value, np.float32), name=name)
        for value, name in enumerate(PLANES, start=1)
    ]
    fits.HDUList([fits.PrimaryHDU(), *hdus, fits.ImageHDU(footprint, name="FOOTPRINT")]).writeto(
        path
    )
    return path


def test_large_counts_are_read_as_they_are_stored(tmp_path: Path) -> None:
    picture = read_stack(write_planes(tmp_path / "stack.fits", (20, 30)))
    assert picture.depth == 40_000
    assert picture.uncovered.sum() == 30 and picture.uncovered[0].all()
    assert [plane[1, 1] for plane in picture.planes] == [1.0, 2.0, 3.0]
    assert not picture.planes[:, 0].any()


def test_the_only_plane_of_a_monochrome_sensor_stands_for_each_colour(tmp_path: Path) -> None:
    pixels = np.arange(600.0).reshape(20, 30)
    path = tmp_path / "stack.fits"
    fits.HDUList([fits.PrimaryHDU(), fits.ImageHDU(pixels, name="LUM")]).writeto(path)
    planes = read_stack(path).planes
    assert planes.dtype == np.float32
    assert all(np.array_equal(plane, pixels) for plane in planes)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells the peak memory like this")
def test_reading_holds_no_second_copy_of_the_planes(tmp_path: Path) -> None:
    path = write_planes(tmp_path / "stack.fits", (2000, 2500))
    imports = """
from pathlib import Path
from crowdsky.photometry.stack_file import read_stack
"""
    plane_mb = 4 * 2000 * 2500 / 1e6
    assert peak_growth_mb(imports, "read_stack(Path(sys.argv[1]))", path) < 6.0 * plane_mb
