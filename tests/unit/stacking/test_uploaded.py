"""Stacks of other programs brought into our layout: the light is theirs, and nothing is made up."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.io import fits

from crowdsky.frames.public_header import reveals
from crowdsky.photometry.stack_file import exposures_of, read_stack
from crowdsky.stacking.product.finished import open_stack
from crowdsky.stacking.product.read_result import NotAStackError, read_result
from crowdsky.stacking.product.uploaded import UploadedStackError, convert_stack
from crowdsky.stacking.records import UploadedFigures

NOW = datetime(2026, 2, 28, 9, 0, tzinfo=UTC)
FIGURES = UploadedFigures(frames_input=40, frames_aligned=38, total_exptime=760.0)
NATIVE: dict[str, Any] = {
    "TELESCOP": "S50_c0ffee01",
    "OBJECT": "M 81",
    "FILTER": "LP",
    "RA": 148.9,
    "DEC": 69.06,
    "DATE-OBS": "2026-02-27T21:45:01.5",
    "STACKCNT": 38,
    "EXPTIME": 20.0,
    "TOTALEXP": 760.0,
    "BAYERPAT": "GRBG",
    "EQMODE": 1,
    "SITELAT": 45.0,
    "SITELONG": 10.0,
}


@pytest.fixture(scope="module")
def planes() -> np.ndarray:
    """(3, height, width) uint16 with twenty stars, and a border that nothing covers."""
    noise = np.random.default_rng(4)
    cube = noise.normal(1000.0, 15.0, (3, 160, 120))
    y, x = np.mgrid[:160, :120]
    for _ in range(20):
        x0, y0 = noise.uniform(15, 105), noise.uniform(15, 145)
        cube += noise.uniform(800, 6000) * np.exp(-((x - x0) ** 2 + (y - y0) ** 2) / 4.5)
    cube[:, :4] = 0.0
    return cube.astype(np.uint16)


def save(folder: Path, *hdus: Any, **cards: Any) -> Path:
    """Write a file whose primary header is the telescope's, with changes."""
    said = {**NATIVE, **{name.replace("_", "-"): value for name, value in cards.items()}}
    hdus[0].header.update({key: value for key, value in said.items() if value is not None})
    path = folder / "uploaded.fit"
    fits.HDUList(list(hdus)).writeto(path)
    return path


def convert(path: Path) -> fits.HDUList:
    """Convert and return the parts of the result."""
    convert_stack(path, path.with_name("stack.fits"), FIGURES, NOW, job_label="17.a1")
    return fits.open(path.with_name("stack.fits"), memmap=False)


def test_a_cube_becomes_a_stack_of_ours_with_the_same_light(
    tmp_path: Path, planes: np.ndarray
) -> None:
    path = save(tmp_path, fits.PrimaryHDU(planes))
    result = convert_stack(path, tmp_path / "stack.fits", FIGURES, NOW, job_label="17.a1")

    with fits.open(tmp_path / "stack.fits", checksum=True) as hdus:
        names = [hdu.name for hdu in hdus]
        assert names == ["PRIMARY", "RED", "GREEN", "BLUE", "STAR-TAB", "FRAMES"]
        assert hdus[0].data is None
        for name, plane in zip(("RED", "GREEN", "BLUE"), planes, strict=True):
            assert np.array_equal(hdus[name].data, plane)
        header = hdus[0].header
        assert len(hdus["STAR-TAB"].data) == result.n_stars_detected > 10
    assert (header["NIMAGES"], header["NINPUT"], header["EXPTIME"]) == (38, 40, 760.0)
    assert not {"TOTALEXP", "STACKCNT", "BAYERPAT"} & set(header)
    assert (header["STACKMET"], header["STACKENG"]) == ("unknown", "uploaded")
    assert (header["RA-SUB"], header["JOBID"]) == (148.9, "17.a1")
    assert (result.n_frames_input, result.n_frames_aligned) == (40, 38)
    assert result.date_obs_start == "2026-02-27T21:45:01.500"


def test_what_is_not_known_is_not_made_up(tmp_path: Path, planes: np.ndarray) -> None:
    with convert(save(tmp_path, fits.PrimaryHDU(planes))) as hdus:
        header = hdus[0].header
        assert ("SMOOTHED" in header, header["SMOOTHED"]) == (True, None)
        assert hdus["RED"].header["SMOOTHED"] is None
        assert not {"OB-END", "DATE-END", "OBSTOTAL", "EGAIN", "SATURATE", "VARCORR"} & set(header)
        assert len(hdus["FRAMES"].data) == 0
    picture = read_stack(tmp_path / "stack.fits")
    assert picture.variances is None
    assert exposures_of(picture.stamps) == ()
    assert picture.uncovered[:4].all()
    assert not picture.uncovered[4:].any()
    assert read_result(tmp_path / "stack.fits").date_obs_end == ""


def test_strangers_may_read_all_but_the_position(tmp_path: Path, planes: np.ndarray) -> None:
    with convert(save(tmp_path, fits.PrimaryHDU(planes))) as hdus:
        cards = [card for hdu in hdus for card in hdu.header.cards]
    hidden = {card.keyword for card in cards if reveals(str(card).encode())}

    assert hidden == {"SITELAT", "SITELONG"}


def test_colours_last(tmp_path: Path, planes: np.ndarray) -> None:
    cube = np.ascontiguousarray(np.moveaxis(planes, 0, 2)).astype(np.float32)
    cube[10, 20] = np.nan

    with convert(save(tmp_path, fits.PrimaryHDU(cube))) as hdus:
        assert hdus["GREEN"].data.shape == planes.shape[1:]
        assert hdus["GREEN"].data[10, 20] == 0.0
        assert np.array_equal(hdus["GREEN"].data[20:], planes[1, 20:])


@pytest.mark.parametrize("names", [("RED", "GREEN", "BLUE"), ("r", "g", "b"), ("", "X", "Y")])
def test_an_extension_for_each_colour(
    tmp_path: Path, planes: np.ndarray, names: tuple[str, str, str]
) -> None:
    footprint = np.full(planes.shape[1:], 300, np.uint16)
    footprint[:6] = 0
    parts = [
        fits.PrimaryHDU(),
        fits.ImageHDU(footprint, name="FOOTPRINT"),
        *(fits.ImageHDU(plane, name=name) for plane, name in zip(planes, names, strict=True)),
        fits.ImageHDU(np.ones(planes.shape[1:], np.float32), name="VARIANCE"),
    ]
    path = save(tmp_path, *parts, DATE_END="2026-02-27T22:00:01.5", SMOOTHED=False, NIMAGES=38)

    with convert(path) as hdus:
        assert [hdu.name for hdu in hdus][:5] == ["PRIMARY", "RED", "GREEN", "BLUE", "FOOTPRINT"]
        assert "VARIANCE" not in hdus
        assert hdus["FOOTPRINT"].data.max() == 300
        assert np.array_equal(hdus["BLUE"].data[6:], planes[2, 6:])
        assert not hdus["BLUE"].data[:6].any()
        assert hdus[0].header["SMOOTHED"] is False
        assert hdus[0].header["OB-END"] == "2026-02-27T22:00:01.500"
    (exposure,) = exposures_of(read_stack(tmp_path / "stack.fits").stamps)
    assert exposure.seconds == 900.0


def test_values_scaled_to_one_get_a_note(tmp_path: Path, planes: np.ndarray) -> None:
    cube = planes.astype(np.float32) / np.float32(65535.0)
    path = save(tmp_path, fits.PrimaryHDU(cube))

    result = convert_stack(path, tmp_path / "stack.fits", FIGURES, NOW)

    assert any("scaled to 1" in note for note in result.notes)


def test_it_is_no_stack_that_can_be_merged(tmp_path: Path, planes: np.ndarray) -> None:
    convert(save(tmp_path, fits.PrimaryHDU(planes))).close()

    with pytest.raises(NotAStackError):
        open_stack(tmp_path / "stack.fits")


def test_what_is_no_fits_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "uploaded.fit"
    path.write_bytes(b"\x89PNG" + bytes(3000))

    with pytest.raises(UploadedStackError):
        convert_stack(path, tmp_path / "stack.fits", FIGURES, NOW)


@pytest.mark.parametrize(
    "shape", [(2, 90, 80), (90, 80), (4, 90, 80)], ids=["two planes", "one plane", "four planes"]
)
def test_what_has_no_three_colours_is_refused(tmp_path: Path, shape: tuple[int, ...]) -> None:
    path = save(tmp_path, fits.PrimaryHDU(np.zeros(shape, np.uint16)))

    with pytest.raises(UploadedStackError, match="three colours"):
        convert_stack(path, tmp_path / "stack.fits", FIGURES, NOW)
    assert not (tmp_path / "stack.fits").exists()
