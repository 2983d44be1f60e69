"""Chunks whose subs are not all as they should be: what the stack says about them."""

from __future__ import annotations

from pathlib import Path

from astropy.io import fits

from crowdsky.photometry.stack_file import read_stack
from crowdsky.stacking.stack_files import stack_files
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
