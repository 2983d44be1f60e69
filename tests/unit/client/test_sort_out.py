"""Light frames are told from stacks, previews and darks, in the folders that telescopes make."""

from __future__ import annotations

from pathlib import Path

import pytest

from crowdsky.client.errors import PathMissingError
from crowdsky.client.ingest.find import list_files
from crowdsky.client.ingest.sort_out import LeftOut, Reason, sort_out
from crowdsky.frames.light_frame import LightFrame
from tests.support.dialects import Dialect, dialects

DIALECTS = {dialect.name: dialect for dialect in dialects()}
SEESTAR, DWARF, VESPERA = (
    DIALECTS[name] for name in ("Seestar S50, firmware 4.02", "Dwarf II", "Vespera")
)


def put(path: Path, dialect: Dialect) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    return dialect.write(path)


def verdict(path: Path) -> str:
    """Return "light", or the reason why the file is left out."""
    found = sort_out(path)
    return "light" if isinstance(found, LightFrame) else found.reason.name


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=DIALECTS)
def test_what_any_reader_of_ours_takes_is_a_light_frame(tmp_path: Path, dialect: Dialect) -> None:
    found = sort_out(put(tmp_path / "frame.fits", dialect))
    expected = dialect.expect
    if "refused" in expected:
        assert isinstance(found, LeftOut) and str(expected["refused"]) in found.why
    elif not (expected["start"] or expected["local"]):
        assert isinstance(found, LeftOut) and found.reason == Reason.NO_TIME and found.why
    else:
        assert isinstance(found, LightFrame)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("ASIAIR, dark", "DARK"),
        ("ASIAIR, autorun flat", "FLAT"),
        ("NINA, dark flat", "DARK"),
        ("MaxIm DL, bias", "BIAS"),
        ("EKOS, dark that only FRAME names", "DARK"),
        ("Seestar S50, native stack", "STACK"),
        ("Seestar S50, native stack of one plane", "STACK"),
        ("SharpCap, live stack", "STACK"),
        ("Dwarf 3, native stack", "STACK"),
        ("odd: master light", "OTHER_KIND"),
        ("odd: no exposure", "UNREADABLE"),
    ],
)
def test_the_header_says_what_a_frame_is(tmp_path: Path, name: str, reason: str) -> None:
    assert verdict(put(tmp_path / "lights" / "frame.fits", DIALECTS[name])) == reason


@pytest.mark.parametrize(
    ("path", "dialect", "expected"),
    [
        ("MyWorks/M 94_sub/Light_M 94_10.0s_IRCUT_20250326-212046.fit", SEESTAR, "light"),
        ("MyWorks/M 94-sub/Light_M 94_10.0s_IRCUT_20250326-212046.fit", SEESTAR, "light"),
        ("MyWorks/NGC 1_dark_nebula_sub/Light_x_10.0s_IRCUT_20250326-212046.fit", SEESTAR, "light"),
        ("Astronomy/DWARF_RAW_TELE_M 33_EXP_15_GAIN_60/M 33_15s60_Astro_1.fits", DWARF, "light"),
        (
            "Astronomy/DWARF_RAW_TELE_M 33_EXP_15_GAIN_60/failed_M 33_15s60_1.fits",
            DWARF,
            "REJECTED",
        ),
        ("Astronomy/DWARF_RAW_TELE_M 33_EXP_15_GAIN_60/stacked-16_M 33.fits", DWARF, "STACK"),
        ("Astronomy/RESTACKED_M 33/restacked_M 33.fits", DWARF, "STACK"),
        ("Astronomy/DWARF_DARK/tele_exp_15_gain_60_bin_1.fits", DWARF, "DARK"),
        ("CALI_FRAME/dark/cam_0/dark_exp_15.fits", DWARF, "DARK"),
        ("CALI_FRAME/flat/cam_0/flat_gain_2.fits", DWARF, "FLAT"),
        ("CALI_FRAME/bias/cam_0/bias_gain_2.fits", DWARF, "BIAS"),
        ("CALI_FRAME/other/cam_0/x.fits", DWARF, "OTHER_KIND"),
        ("2025-03-27_M 33/01-images-initial/img-0001.fits", VESPERA, "light"),
        ("2025-03-27_M 33/02-darks/img-0001.fits", DWARF, "DARK"),
        ("M 33/darks/a header that says light.fits", SEESTAR, "light"),
    ],
)
def test_folders_of_telescopes(tmp_path: Path, path: str, dialect: Dialect, expected: str) -> None:
    assert verdict(put(tmp_path / path, dialect)) == expected


def test_incomplete_files_are_told_from_others(tmp_path: Path) -> None:
    whole = put(tmp_path / "whole.fit", SEESTAR).read_bytes()
    for size in (0, 100, 2880, len(whole) // 2):
        (tmp_path / "part.fit").write_bytes(whole[:size])
        found = sort_out(tmp_path / "part.fit")
        assert isinstance(found, LeftOut) and found.is_short, size
    (tmp_path / "page.fit").write_text("<html>")
    found = sort_out(tmp_path / "page.fit")
    assert isinstance(found, LeftOut) and not found.is_short


def test_only_fits_files_are_looked_at_and_the_rest_is_counted(tmp_path: Path) -> None:
    names = [
        "a/Light_1.fit", "a/Light_1_thn.jpg", "a/Light_1.jpg", "a/LIGHT_2.FITS", "b/3.fts",
        "b/stack.tif", "b/4.fits.fz", "b/4.fit.gz", "b/notes.txt", "b/all.zip", "b/shotsInfo.json",
        ".hidden/5.fit", "@eaDir/Light_1.fit/6.fit", "$RECYCLE.BIN/7.fit", "b/.8.fit", "b/._9.fit",
    ]  # fmt: skip
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "loop").symlink_to(tmp_path)

    listing = list_files([tmp_path, tmp_path / "a", tmp_path / "a" / "Light_1.fit"])

    found = [str(path.relative_to(tmp_path)) for path in listing.files]
    assert found == ["a/LIGHT_2.FITS", "a/Light_1.fit", "b/3.fts"]
    assert (listing.previews, listing.packed, listing.others) == (3, 2, 3)
    assert listing.unreadable == []


def test_a_path_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(PathMissingError, match="whether the disk is mounted"):
        list_files([tmp_path, tmp_path / "nothing"])
