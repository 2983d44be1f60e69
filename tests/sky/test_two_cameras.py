"""Telescopes with local clocks, two cameras or a sensor that turns, and frames without stars."""

from __future__ import annotations

import io
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from crowdsky.base.errors import NoUsableFramesError
from crowdsky.frames.header_clock import ToldClock
from crowdsky.photometry.stack_file import read_stack
from crowdsky.sandbox.report import Report
from crowdsky.stacking.product.merge_check import CannotMergeError
from crowdsky.stacking.stack_files import merge_files, stack_files
from tests.sky.conftest import MakeNight
from tests.support.children import NO_SOLVERS
from worker.job.compute import ComputeTask, compute_job
from worker.main import main

TIMES = {"TIMESYS", "DATE-OBS", "DATE-END", "OB-START", "OB-END", "OBSTOTAL", "MJD-OBS", "MJD-END"}


def as_dwarf(paths: list[Path], hours: float) -> tuple[datetime, datetime]:
    """Let subs be those of a Dwarf 3 whose clock is ahead of UTC; returns first start, last end."""
    starts = []
    for path in paths:
        header = fits.getheader(path)
        start = datetime.fromisoformat(header["DATE-OBS"])
        end = start + timedelta(seconds=header["EXPTIME"])
        starts.append(start)
        shown = (end + timedelta(hours=hours)).isoformat()
        with fits.open(path, mode="update") as hdus:
            hdus[0].header["DATE-OBS"] = (shown, "Time end of exposure")
            hdus[0].header["TELESCOP"] = "DWARF 3"
            hdus[0].header["INSTRUME"] = "DWARF 3"
    return min(starts), max(starts) + timedelta(seconds=header["EXPTIME"])


def test_local_times_without_a_zone_are_no_utc(make_night: MakeNight, tmp_path: Path) -> None:
    paths = make_night().paths
    first, _ = as_dwarf(paths, 2.0)
    result = stack_files(paths, tmp_path / "o.fits")
    assert (result.date_obs_start, result.date_obs_end) == ("", "")
    assert any("4 of 4 subs: its times are local" in note for note in result.notes)
    header = fits.getheader(tmp_path / "o.fits")
    assert not TIMES & set(header)
    assert header["DATE-LOC"] == (first + timedelta(hours=2)).isoformat(timespec="milliseconds")
    assert read_stack(tmp_path / "o.fits").stamps == ()


def test_a_zone_makes_them_utc(make_night: MakeNight, tmp_path: Path) -> None:
    paths = make_night().paths
    first, last = as_dwarf(paths, -3.5)
    clock = ToldClock(timedelta(hours=-3.5))
    result = stack_files(paths, tmp_path / "o.fits", clocks=dict.fromkeys(paths, clock))
    header = fits.getheader(tmp_path / "o.fits")
    assert header["TIMESYS"] == "UTC"
    assert header["DATE-OBS"] == first.isoformat(timespec="milliseconds")
    assert header["DATE-END"] == last.isoformat(timespec="milliseconds")
    assert "DATE-LOC" not in header
    assert not [note for note in result.notes if "local" in note]


def test_the_command_takes_an_offset(
    make_night: MakeNight, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = make_night(n_subs=2).paths
    command = [
        "stack",
        *map(str, paths),
        "-o",
        str(tmp_path / "o.fits"),
        "--no-solve",
        "--no-picture",
    ]
    assert main([*command, "--utc-offset=+02:00"]) == 78
    assert "none of them has local times" in capsys.readouterr().err
    first, _ = as_dwarf(paths, 2.0)
    assert main([*command, "--utc-offset=+02:00"]) == 0
    header = fits.getheader(tmp_path / "o.fits")
    assert header["DATE-OBS"] == first.isoformat(timespec="milliseconds")
    with pytest.raises(SystemExit):
        main([*command, "--utc-offset=2"])


def turn(path: Path) -> None:
    """Turn the pixels of a sub by half a turn, and its pattern with them."""
    with fits.open(path, mode="update") as hdus:
        hdus[0].data = hdus[0].data[::-1, ::-1].copy()
        hdus[0].header["BAYERPAT"] = hdus[0].header["BAYERPAT"][::-1]


def test_a_sensor_that_turns_keeps_both_halves_of_its_night(
    make_night: MakeNight, tmp_path: Path
) -> None:
    paths = make_night(n_subs=6).paths
    stack_files(paths, tmp_path / "whole.fits")
    for path in paths[3:]:
        turn(path)
    result = stack_files(paths, tmp_path / "turned.fits")
    assert result.n_frames_aligned == 6
    assert not [note for note in result.notes if "Bayer" in note]
    transform = result.frames[0].transform
    assert transform is not None
    back = -1 if transform[0] < 0.0 else 1  # one of the turned subs may be the reference
    middle = np.s_[100:-100, 100:-100]
    for plane in (1, 2, 3):
        one = fits.getdata(tmp_path / "whole.fits", plane)[middle]
        other = fits.getdata(tmp_path / "turned.fits", plane)[::back, ::back][middle]
        assert np.median(other) == pytest.approx(np.median(one), abs=4.0)
        assert other.max() == pytest.approx(one.max(), rel=0.1)
        assert np.percentile(np.abs(other - one), 99) < 0.1 * np.ptp(one)


def test_subs_of_the_wide_camera_are_left_out(make_night: MakeNight, tmp_path: Path) -> None:
    paths = make_night().paths
    fits.setval(paths[1], "WIDECAM", value=1)
    for path in paths[2:]:
        fits.setval(path, "CAMERA", value="TELE")
    result = stack_files(paths, tmp_path / "o.fits")
    assert [frame.used for frame in result.frames] == [True, False, True, True]
    assert result.frames[1].reason == (
        "it has the wide-angle camera, while 3 of the 4 frames have the main camera"
    )


def test_stacks_of_both_cameras_are_not_merged(make_night: MakeNight, tmp_path: Path) -> None:
    tele, wide = make_night("tele", n_subs=2).paths, make_night("wide", n_subs=2).paths
    for path in wide:
        fits.setval(path, "CAMERA", value="WIDE")
    stack_files(tele, tmp_path / "tele.fits")
    stack_files(wide, tmp_path / "wide.fits")
    assert "WIDECAM" not in fits.getheader(tmp_path / "tele.fits")
    assert fits.getheader(tmp_path / "wide.fits")["WIDECAM"] == 1
    with pytest.raises(CannotMergeError) as caught:
        merge_files([tmp_path / "tele.fits", tmp_path / "wide.fits"], tmp_path / "deep.fits")
    assert "the wide-angle camera, and the main one" in str(caught.value)


@pytest.mark.parametrize("engine", ["native", "seestarpy"])
def test_a_frame_without_a_single_star_is_no_stack(
    make_night: MakeNight, tmp_path: Path, engine: str
) -> None:
    (path,) = make_night(n_subs=1).paths
    noise = np.random.default_rng(3).normal(300.0, 12.0, (640, 480)).astype(np.uint16)
    fits.writeto(path, noise, fits.getheader(path), overwrite=True)
    with pytest.raises(NoUsableFramesError) as caught:
        stack_files([path], tmp_path / "o.fits", engine=engine)
    assert "star" in str(caught.value)
    assert not (tmp_path / "o.fits").exists()


def test_a_job_stacks_with_the_clocks_that_the_site_lists(
    make_night: MakeNight, tmp_path: Path
) -> None:
    paths = make_night(n_subs=2).paths
    first, _ = as_dwarf(paths, 2.0)
    clock = ToldClock(timedelta(hours=2), is_local=True, at_end=True)
    (tmp_path / "job").mkdir()
    task = ComputeTask(
        tuple(paths), tmp_path / "job", "native", "test", NO_SOLVERS, clocks=(clock, clock)
    )
    stack = compute_job(ComputeTask.from_json(task.to_json()), Report(io.BytesIO())).stack
    assert stack.date_obs_start == first.isoformat(timespec="milliseconds")
