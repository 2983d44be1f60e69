"""Chunks whose subs are not all as they should be: what the stack says about them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from astropy.io import fits

from crowdsky.photometry.stack_file import read_stack
from crowdsky.stacking.stack_files import stack_files
from crowdsky.synthetic.sky import SEESTAR_S50
from tests.sky.conftest import MakeNight


def test_a_stack_of_partly_dated_subs_has_no_times(make_night: MakeNight, tmp_path: Path) -> None:
    paths = make_night().paths
    fits.delval(paths[2], "DATE-OBS")
    fits.setval(paths[3], "DATE-OBS", value="yesterday")
    result = stack_files(paths, tmp_path / "o.fits")
    assert result.n_frames_aligned == 4
    assert (result.date_obs_start, result.date_obs_end) == ("", "")
    (note,) = [note for note in result.notes if "no times" in note]
    assert note.startswith("2 of 4 subs have no time that can be read")
    assert (
        "1 of 4 subs: DATE-OBS 'yesterday' is no date and time: when it was taken is unknown"
        in (result.notes)
    )
    header = fits.getheader(tmp_path / "o.fits")
    assert not {"DATE-OBS", "DATE-END", "OB-START", "OBSTOTAL", "MJD-OBS"} & set(header)
    assert read_stack(tmp_path / "o.fits").stamps == ()


@pytest.mark.parametrize(
    ("claimed", "said"),
    [
        ("BGGR", "GRBG (off by a row) or GBRG (off by a column) would fit"),
        ("RGGB", "GBRG (off by a row) or GRBG (off by a column) would fit"),
        (None, "colour camera with the Bayer pattern GRBG or GBRG, and their headers have none"),
        ("GRBG", ""),
    ],
)
def test_a_pattern_that_cannot_be_is_noticed(
    make_night: MakeNight, tmp_path: Path, claimed: str | None, said: str
) -> None:
    paths = make_night(n_subs=2).paths
    for path in paths:
        if claimed is None:
            fits.delval(path, "BAYERPAT")
        else:
            fits.setval(path, "BAYERPAT", value=claimed)
    result = stack_files(paths, tmp_path / "o.fits")
    notes = [note for note in result.notes if "Bayer" in note]
    assert len(notes) == bool(said)
    assert said in "".join(notes)


def test_a_monochrome_camera_has_no_pattern_to_miss(make_night: MakeNight, tmp_path: Path) -> None:
    mono = replace(SEESTAR_S50.resized(480, 640), pattern="MONO")
    result = stack_files(make_night(n_subs=2, camera=mono).paths, tmp_path / "o.fits")
    assert not [note for note in result.notes if "Bayer" in note]


def test_measured_exposures_and_ways_to_write_a_filter_are_alike(
    make_night: MakeNight, tmp_path: Path
) -> None:
    paths = make_night(n_subs=5).paths
    names = ("IRCUT", "ircut", "IR-Cut", "UV/IR Cut", "IR cut filter")
    for index, (path, name) in enumerate(zip(paths, names, strict=True)):
        fits.setval(path, "EXPTIME", value=10.0 + 0.004 * index)
        fits.setval(path, "FILTER", value=name)
    result = stack_files(paths, tmp_path / "o.fits")
    assert result.n_frames_aligned == 5
    assert result.total_exptime == pytest.approx(50.04)
    assert result.notes == ()


def test_another_setting_is_another_exposure(make_night: MakeNight, tmp_path: Path) -> None:
    paths = make_night(n_subs=4).paths
    fits.setval(paths[1], "EXPTIME", value=20.0)
    fits.setval(paths[2], "FILTER", value="LP")
    result = stack_files(paths, tmp_path / "o.fits")
    reasons = [frame.reason for frame in result.frames]
    assert reasons[1] == ("it has 20 s of exposure, while 2 of the 4 frames have 10 s of exposure")
    assert reasons[2] == ("it has the filter LP, while 2 of the 4 frames have the filter IRCUT")
