"""The colour cube that is made of a stack on request."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from crowdsky.stacking.product.cube import write_cube
from tests.contract.jobs.support import stack_file
from tests.contract.site.stacked import MakeStored
from tests.contract.site.support import Browser

pytestmark = pytest.mark.one_database


def float_stack() -> bytes:
    """A stack of odd size, with cards of all kinds, and other parts between and behind planes."""
    rng = np.random.default_rng(5)
    primary = fits.PrimaryHDU()
    primary.header.update(OBJECT="M 94", NIMAGES=1, EXPTIME=10.0)
    primary.header["LONGTEXT"] = "It's carried on by CONTINUE, " * 6
    primary.header["CRVAL1"] = (192.75, "[deg]")
    primary.header["BUNIT"] = "nothing"
    for line in ("engine 1.0", "measuring: no plate"):
        primary.header.add_history(line)
    planes = {
        name: fits.ImageHDU(rng.normal(900.0, 30.0, (99, 67)).astype(np.float32), name=name)
        for name in ("BLUE", "RED", "GREEN")
    }
    for plane in planes.values():
        plane.header["BUNIT"] = ("adu", "on the scale of one sub")
    table = fits.BinTableHDU(np.zeros(3, dtype=[("x", "f8")]), name="STAR-TAB")
    buffer = io.BytesIO()
    parts = [primary, planes["BLUE"], table, planes["RED"], planes["GREEN"]]
    fits.HDUList([*parts, fits.ImageHDU(np.ones((99, 67)), name="FOOTPRINT")]).writeto(buffer)
    return buffer.getvalue()


@pytest.mark.parametrize(
    "body",
    [stack_file(), float_stack(), stack_file(names=("LUM",))],
    ids=["uint16", "float32", "mono"],
)
def test_the_colour_cube_is_the_one_that_the_worker_writes(
    user: Browser, make_stored: MakeStored, tmp_path: Path, body: bytes
) -> None:
    stack = make_stored(body)
    (tmp_path / "stack.fits").write_bytes(body)
    cube = write_cube(tmp_path / "stack.fits", tmp_path / "cube.fits").read_bytes()

    answer = user.get("download.php", id=stack.id, form="cube")

    assert answer.content == cube
    assert answer.headers["Content-Type"] == "application/fits"
    assert answer.headers["Content-Length"] == str(len(cube))
    assert answer.headers["Content-Disposition"].endswith('_rgb.fits"')
    assert answer.headers["ETag"] != user.get("download.php", id=stack.id).headers["ETag"]
    with fits.open(tmp_path / "stack.fits") as hdus, fits.open(io.BytesIO(cube)) as made:
        made.verify("exception")
        names = ("LUM",) * 3 if "LUM" in hdus else ("RED", "GREEN", "BLUE")
        planes = [hdus[name].data for name in names]
        np.testing.assert_array_equal(made[0].data, planes)
    # Every border between header, planes and filling, and parts across them.
    width = len(planes[0].tobytes())
    header = len(cube) - (3 * width + 2879) // 2880 * 2880
    for first, last in (
        (0, 0), (header - 1, header), (header + width - 3, header + width + 2),
        (100, header + 2 * width + 1), (header + 3 * width - 1, len(cube) - 1),
        (len(cube) - 5, len(cube) - 1),
    ):  # fmt: skip
        wanted = {"Range": f"bytes={first}-{last}"}
        part = user.get("download.php", id=stack.id, form="cube", headers=wanted)
        assert part.status_code == 206
        assert part.content == cube[first : last + 1], (first, last)


def test_a_stack_without_three_planes_of_one_kind_has_no_cube(
    user: Browser, make_stored: MakeStored
) -> None:
    primary, planes = fits.PrimaryHDU(), [np.eye(64, dtype=np.float32)] * 3
    primary.header.update(NIMAGES=1, EXPTIME=10.0)
    planes[1] = np.eye(64, dtype=np.float64)
    names = ("RED", "GREEN", "BLUE")
    parts = [fits.ImageHDU(data, name=name) for data, name in zip(planes, names, strict=True)]
    buffer = io.BytesIO()
    fits.HDUList([primary, *parts]).writeto(buffer)
    stack = make_stored(buffer.getvalue())

    answer = user.get("download.php", id=stack.id, form="cube", headers={"Accept": "*/*"})

    assert answer.status_code == 404
    assert "no three planes of one kind" in answer.text
    wrong = user.get("download.php", id=stack.id, form="sphere", headers={"Accept": "*/*"})
    assert wrong.status_code == 400
