"""Reports on subs that were left out have readable reasons, and hints that fit them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crowdsky.frames.fits_header import FrameHeader, facts
from crowdsky.stacking.engine import FrameRecord
from crowdsky.stacking.product.frame_reports import frame_record, no_usable_frames, notes_on
from crowdsky.stacking.registration.quick_look import FrameLook

EMPTY = "it is empty (every pixel has the value 0)"
TRAILED = "its stars are trailed (ellipticity 0.71)"
SEEN = FrameLook(n_stars=120, fwhm_px=3.1, ellipticity=0.08, sky_adu=900.0)


@pytest.fixture
def header() -> FrameHeader:
    cards = {"EXPTIME": 10.0, "DATE-OBS": datetime(2025, 3, 27, tzinfo=UTC).isoformat()}
    return facts(Path("Light.fit"), cards, (1080, 1920))


def left_out(reason: str, header: FrameHeader | None, look: FrameLook | None = None) -> FrameRecord:
    more = {} if look is None else {"look": look}
    return frame_record(Path("Light.fit"), header, reason=reason, **more)


def test_one_reason_for_all(header: FrameHeader) -> None:
    error = no_usable_frames([left_out(EMPTY, header)] * 3)
    assert str(error) == (
        f"none of the 3 subs could be used, each for the same reason: {EMPTY}; "
        "look at the subs: a covered telescope, daylight, or files that broke on their way"
    )
    assert str(no_usable_frames([left_out(EMPTY, header)])).startswith(
        f"the sub cannot be used: {EMPTY}; "
    )


def test_several_reasons_the_most_frequent_first(header: FrameHeader) -> None:
    records = [left_out(EMPTY, header), *[left_out(TRAILED, header, SEEN)] * 2]
    assert str(no_usable_frames(records)).startswith(
        f"none of the 3 subs could be used: {TRAILED} (2 of them); {EMPTY} (1 of them); "
        "look at the subs: clouds, dew, a covered telescope"
    )


def test_a_long_list_of_reasons_ends(header: FrameHeader) -> None:
    records = [left_out(f"it is truncated: {size} bytes", None) for size in range(100)]
    message = str(no_usable_frames(records))
    assert "; and other reasons (96 of them); send the raw frames again" in message
    assert len(message) < 400


def test_hints_fit_what_was_wrong(header: FrameHeader) -> None:
    assert "clouds, dew, or a telescope" in str(
        no_usable_frames([left_out(TRAILED, header, SEEN)] * 2)
    )
    assert "clouds" not in str(no_usable_frames([left_out("it is a web page, not FITS", None)]))


def test_the_advice_for_a_file_is_kept_when_all_share_it(header: FrameHeader) -> None:
    packed = frame_record(
        Path("Light.bz2"), None, reason="it is a bzip2 file, not FITS", hint="unpack it first"
    )
    assert str(no_usable_frames([packed] * 3)) == (
        "none of the 3 subs could be used, each for the same reason: it is a bzip2 file, not FITS; "
        "unpack it first"
    )
    assert str(no_usable_frames([packed])).endswith("not FITS; unpack it first")
    assert "unpack" not in str(no_usable_frames([packed, left_out(EMPTY, header)]))
    used = frame_record(Path("Light.fit"), header, SEEN, weight=1.0, used=True)
    (note,) = notes_on([used, used, packed])
    assert note == "1 of 3 subs left out: it is a bzip2 file, not FITS; unpack it first"


def test_subs_of_several_telescopes_and_cameras_are_remarked(header: FrameHeader) -> None:
    def used(telescope: str | None, camera: str) -> FrameRecord:
        known = replace(header, telescope=telescope, instrument=camera)
        return frame_record(Path("Light.fit"), known, SEEN, weight=1.0, used=True)

    one, other = used("S50_1a", "Seestar S50"), used("S50_2b", "imx585")
    assert notes_on([one, other, one]) == (
        "stacked from 2 telescopes: S50_1a, S50_2b",
        "stacked from 2 cameras: Seestar S50, imx585",
    )
    left = replace(other, report=replace(other.report, used=False, reason="clouds"))
    assert notes_on([one, one, left]) == ("1 of 3 subs left out: clouds",)
    assert notes_on([one, used(None, "Seestar S50")]) == ()


def test_notes_name_what_was_left_out(header: FrameHeader) -> None:
    used = frame_record(Path("Light.fit"), header, SEEN, weight=1.0, used=True)
    assert notes_on([used, used]) == ()
    one, alone = notes_on([used, left_out(TRAILED, header, SEEN)])
    assert one == f"1 of 2 subs left out: {TRAILED}"
    assert "single sub" in alone
    (many,) = notes_on([used, used, *[left_out(EMPTY, header)] * 2])
    assert many == f"2 of 4 subs left out, each for the same reason: {EMPTY}"
