"""Chunks whose subs are not all as they should be: what the stack says about them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from shutil import copy

import numpy as np
import pytest
from astropy.io import fits

from crowdsky.frames.copies import Exposures
from crowdsky.frames.frames import read_light_frame
from crowdsky.photometry.measurement import measure_stack, write_measurement
from crowdsky.photometry.stack_file import read_stack
from crowdsky.pictures.planes import load_planes
from crowdsky.stacking.product.cube import write_cube
from crowdsky.stacking.product.merge_check import CannotMergeError
from crowdsky.stacking.stack_files import merge_files, stack_files
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
    assert names_of(tmp_path / "o.fits") == [
        "PRIMARY", "LUM", "FOOTPRINT", "VARIANCE", "REJECTED", "STAR-TAB", "FRAMES",
    ]  # fmt: skip


def names_of(path: Path) -> list[str]:
    with fits.open(path) as hdus:
        return [hdu.name for hdu in hdus]


def test_the_only_plane_of_a_mono_stack_is_measured_merged_and_shown(
    make_night: MakeNight, tmp_path: Path
) -> None:
    mono = replace(SEESTAR_S50.resized(480, 640), pattern="MONO")
    paths = make_night(n_subs=5, camera=mono).paths
    whole, parts = tmp_path / "whole.fits", [tmp_path / "a.fits", tmp_path / "b.fits"]
    stack_files(paths, whole, sigma_clip=None)
    for part, subs in zip(parts, (paths[:3], paths[3:]), strict=True):
        stack_files(subs, part, sigma_clip=None)

    measured = measure_stack(whole, [], None)
    write_measurement(whole, measured)
    merge_files(parts, tmp_path / "deep.fits", None)

    assert len(measured.stars) > 20
    np.testing.assert_array_equal(measured.stars["flux_r"], measured.stars["flux_b"])
    assert names_of(whole) == names_of(tmp_path / "deep.fits")
    with fits.open(whole) as hdus, fits.open(tmp_path / "deep.fits") as deep:
        assert 1.5 < hdus["LUM"].header["FWHM_PX"] < 6.0
        assert variance_of_sums(deep) == pytest.approx(variance_of_sums(hdus), rel=0.08)
        cube = fits.getdata(write_cube(whole, tmp_path / "cube.fits"))
        np.testing.assert_array_equal(cube, [hdus["LUM"].data] * 3)
        np.testing.assert_array_equal(load_planes(whole).planes, [hdus["LUM"].data])


def variance_of_sums(hdus: fits.HDUList) -> float:
    """What a pixel of empty sky adds to the variance of an aperture sum, in ADU squared."""
    of_pixels = np.median(hdus["VARIANCE"].data[40:-40, 40:-40])
    return float(of_pixels) * float(hdus["LUM"].header["VARCORR"])


def test_a_mono_stack_is_not_merged_with_one_in_colours(
    make_night: MakeNight, tmp_path: Path
) -> None:
    stacks = []
    for number, pattern in enumerate(("MONO", "GRBG")):
        camera = replace(SEESTAR_S50.resized(480, 640), pattern=pattern)
        subs = make_night(pattern, n_subs=1, camera=camera, seed=number).paths
        stacks.append(tmp_path / f"{pattern}.fits")
        stack_files(subs, stacks[-1])
    with pytest.raises(CannotMergeError, match="some have colours, others a single plane LUM"):
        merge_files(stacks, tmp_path / "deep.fits")


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


def reheaded(path: Path, to: Path, **cards: object) -> Path:
    """The same light with a header that another program has written."""
    data, header = fits.getdata(path), fits.getheader(path)
    header.update({key.replace("_", "-"): value for key, value in cards.items()})
    header["HISTORY"] = "opened and saved"
    fits.PrimaryHDU(data, header).writeto(to)
    return to


@pytest.mark.parametrize("engine", ["native", "seestarpy"])
def test_light_that_is_given_twice_counts_once(
    make_night: MakeNight, tmp_path: Path, engine: str
) -> None:
    subs = make_night(n_subs=3).paths
    first, second, third = subs
    packed = tmp_path / "packed.fit.fz"
    fits.HDUList(
        [fits.PrimaryHDU(), fits.CompImageHDU(fits.getdata(first), fits.getheader(first))]
    ).writeto(packed)
    brighter = tmp_path / "rescaled.fit"
    data, header = fits.getdata(third), fits.getheader(third)
    fits.PrimaryHDU((data // 2 + 7).astype("u2"), header).writeto(brighter)
    again = [
        Path(copy(second, tmp_path / "copy of it.fit")),
        packed,
        reheaded(first, tmp_path / "saved.fit"),
        reheaded(second, tmp_path / "shifted.fit", DATE_OBS="2024-01-01T05:00:00", TELESCOP="X"),
        brighter,
    ]
    result = stack_files([*subs, *again, first], tmp_path / "o.fits", engine=engine)
    assert (result.n_frames_input, result.n_frames_aligned) == (8, 3)
    assert result.total_exptime == 30.0
    reasons = [frame.reason for frame in result.frames[3:]]
    by_header = "the same telescope, start and exposure"
    assert reasons == [
        f"it shows the same light as {second.name}: {by_header}",
        f"it shows the same light as {first.name}: {by_header}",
        f"it shows the same light as {first.name}: {by_header}",
        f"it shows the same light as {second.name}: the same pixels",
        f"it shows the same light as {third.name}: {by_header}",
    ]
    header = fits.getheader(tmp_path / "o.fits")
    span = datetime.fromisoformat(header["OB-END"]) - datetime.fromisoformat(header["OB-START"])
    assert header["EXPTIME"] <= span.total_seconds()


@pytest.mark.parametrize(
    ("cards", "kept"),
    [
        ({"DATE-OBS": "2025-03-27T01:20:30"}, False),  # a program that drops the fraction
        ({"DATE-OBS": "2025-03-27T01:20:30.955"}, False),
        ({"EXPTIME": 10.004}, False),
        ({"DATE-OBS": "2025-03-27T01:20:30.500"}, True),
        ({"EXPTIME": 20.0}, True),
        ({"TELESCOP": "S50_c0ffee09"}, True),
        ({"INSTRUME": "Seestar S50 wide"}, True),
    ],
)
def test_an_exposure_is_one_telescope_start_and_length(
    make_night: MakeNight, tmp_path: Path, cards: dict[str, object], kept: bool
) -> None:
    first = make_night(n_subs=1).paths[0]
    other = tmp_path / "other.fit"
    data, header = fits.getdata(first), fits.getheader(first)
    header.update(cards)
    fits.PrimaryHDU(np.flipud(data), header).writeto(other)
    exposures = Exposures()
    assert exposures.add(read_light_frame(first), "one") == ""
    assert bool(exposures.add(read_light_frame(other), "other")) is not kept


def test_a_good_copy_of_a_broken_sub_is_used(make_night: MakeNight, tmp_path: Path) -> None:
    subs = make_night(n_subs=2).paths
    black = tmp_path / "black.fit"
    fits.PrimaryHDU(np.zeros((640, 480), "u2"), fits.getheader(subs[0])).writeto(black)
    result = stack_files([black, *subs], tmp_path / "o.fits")
    assert [frame.used for frame in result.frames] == [False, True, True]


def test_two_telescopes_that_name_no_unit_may_begin_together(
    make_night: MakeNight, tmp_path: Path
) -> None:
    camera = replace(SEESTAR_S50.resized(480, 640), telescope="Seestar S50")
    first, second = make_night(n_subs=2, camera=camera).paths
    fits.setval(second, "DATE-OBS", value=fits.getval(first, "DATE-OBS"))
    assert stack_files([first, second], tmp_path / "o.fits").n_frames_aligned == 2


def test_stacks_that_share_an_exposure_do_not_merge(make_night: MakeNight, tmp_path: Path) -> None:
    subs = make_night(n_subs=4).paths
    again = reheaded(subs[1], tmp_path / "again.fit")
    stack_files(subs[:2], tmp_path / "a.fits")
    stack_files([again, *subs[2:]], tmp_path / "b.fits")
    with pytest.raises(CannotMergeError, match="1 exposures of the same telescope"):
        merge_files([tmp_path / "a.fits", tmp_path / "b.fits"], tmp_path / "deep.fits")
