"""Records from the wire: every field is checked, and the error names the one that is wrong."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from crowdsky.base.errors import UnexpectedAnswerError
from crowdsky.frames.header_clock import ToldClock
from crowdsky.measuring.measured import Measured
from crowdsky.stacking.records import FrameReport, StackResult
from crowdsky.storage.stored_file import StoredFile
from worker.site.completion import Completion, facts_of
from worker.site.records import Heartbeat, Job, RawFile, is_safe_filename

SHA = "ab" * 32
JOB: dict[str, Any] = {
    "job_id": 12,
    "user_id": 3,
    "chunk_key": "20250327.05_+1A-",
    "object_name": None,
    "frame_count": "6",
    "total_bytes": 25_000_000,
    "lease_token": "f" * 64,
    "lease_seconds": 300,
    "heartbeat_seconds": 100,
    "attempt": 1,
    "max_attempts": 3,
    "attempt_tag": "a1-01234567",
    "something_new": {"that": "later sites send"},
}
RAW: dict[str, Any] = {
    "id": "101",
    "filename": "Light_M 94_10.0s_IRCUT_20250327-014513.fit",
    "file_size_bytes": "4150080",
    "sha256": SHA,
}


def test_a_job_is_read() -> None:
    job = Job.from_json(JOB)
    assert (job.job_id, job.frame_count, job.object_name) == (12, 6, None)
    assert "f" * 64 not in repr(job)


@pytest.mark.parametrize(
    ("said", "understood"),
    [({}, False), ({"may_tell_position": None}, False), ({"may_tell_position": True}, True)],
)
def test_only_a_site_that_says_so_allows_the_position(
    said: dict[str, Any], understood: bool
) -> None:
    assert Job.from_json({**JOB, **said}).may_tell_position is understood


def test_an_older_site_names_no_archive() -> None:
    assert Job.from_json(JOB).archive_id == ""
    assert Job.from_json({**JOB, "archive_id": "0123456789abcdef"}).archive_id == "0123456789abcdef"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("job_id", None),
        ("job_id", 0),
        ("job_id", "twelve"),
        ("job_id", True),
        ("job_id", 1.5),
        ("chunk_key", "../../etc"),
        ("chunk_key", ""),
        ("chunk_key", 5),
        ("lease_seconds", 0),
        ("lease_seconds", float("nan")),
        ("lease_seconds", "soon"),
        ("lease_token", []),
        ("attempt_tag", "a1/../b"),
        ("object_name", 7),
        ("may_tell_position", "yes"),
        ("archive_id", "../../../etc/pwd"),
        ("heartbeat_seconds", 1e-9),
        ("heartbeat_seconds", 1e300),
        ("lease_seconds", 1e-9),
        ("lease_seconds", "1e300"),
        pytest.param("job_id", 10**4000, id="job_id of 4,000 digits"),
        pytest.param("user_id", -(10**4000), id="user_id of 4,000 digits"),
        ("total_bytes", 2**63),
        ("chunk_key", "2" * 65),
        ("attempt_tag", "a" * 65),
        ("object_name", "M" * 256),
        ("lease_token", "f" * 2_000_000),
        ("lease_token", "f\r\nX-Other: 1"),
    ],
)
def test_a_wrong_field_is_named(field: str, value: object) -> None:
    with pytest.raises(UnexpectedAnswerError, match=field) as refused:
        Job.from_json({**JOB, field: value})
    assert_fits_a_line(refused.value)


def assert_fits_a_line(error: Exception) -> None:
    assert str(error).isprintable()
    assert len(str(error)) < 500


@pytest.mark.parametrize(
    "raw",
    [
        {"filename": "../" + "x" * 2_000_000},
        {"filename": "a\n2026-01-01T00:00:00.000Z INFO done"},
        {"id": 10**4000},
        {"file_size_bytes": 10**19},
    ],
)
def test_a_listing_without_bounds_is_refused_in_one_line(raw: dict[str, Any]) -> None:
    with pytest.raises(UnexpectedAnswerError) as refused:
        RawFile.from_json({**RAW, **raw})
    assert_fits_a_line(refused.value)


@pytest.mark.parametrize("data", [None, [], "job", 3])
def test_what_is_no_object_is_no_job(data: object) -> None:
    with pytest.raises(UnexpectedAnswerError, match="expected an object"):
        Job.from_json(data)


@pytest.mark.parametrize(
    ("clock", "told"),
    [
        (None, None),
        (
            {"local": True, "at_end": True, "utc_offset_minutes": -210},
            ToldClock(timedelta(hours=-3.5), is_local=True, at_end=True),
        ),
        (
            {"local": False, "at_end": True, "utc_offset_minutes": None},
            ToldClock(None, is_local=False, at_end=True),
        ),
    ],
)
def test_the_clock_of_a_frame(clock: dict[str, Any] | None, told: ToldClock | None) -> None:
    assert RawFile.from_json({**RAW, "clock": clock}).clock == told
    if told is not None:
        assert ToldClock.from_json(told.to_json()) == told


@pytest.mark.parametrize("minutes", [841, -841, 1.5, "soon"])
def test_a_clock_that_no_zone_has_is_refused(minutes: object) -> None:
    with pytest.raises(UnexpectedAnswerError, match="utc_offset_minutes"):
        RawFile.from_json({**RAW, "clock": {"utc_offset_minutes": minutes}})


def test_numbers_may_come_as_strings() -> None:
    raw = RawFile.from_json(RAW)
    assert (raw.file_id, raw.size_bytes) == (101, 4150080)


@pytest.mark.parametrize(
    "name",
    [
        "../x.fit",
        "a/b.fit",
        "a\\b.fit",
        "/etc/passwd",
        ".hidden",
        "..",
        ".",
        "",
        "a\0b",
        "line\nbreak",
        "x" * 256,
        "ü" * 128,
    ],
)
def test_names_that_leave_their_folder_are_refused(name: str) -> None:
    assert not is_safe_filename(name)
    with pytest.raises(UnexpectedAnswerError, match="filename"):
        RawFile.from_json({**RAW, "filename": name})


@pytest.mark.parametrize("name", ["Light M 94.fit", "星.fits", "a..b.fit", "-rf", "x" * 255])
def test_other_names_are_fine(name: str) -> None:
    assert is_safe_filename(name)


@pytest.mark.parametrize("sha", ["", "AB" * 32, "ab" * 31, None])
def test_a_raw_without_a_proper_hash_is_refused(sha: str | None) -> None:
    with pytest.raises(UnexpectedAnswerError, match="sha256"):
        RawFile.from_json({**RAW, "sha256": sha})


def test_heartbeats() -> None:
    going_on = Heartbeat.from_json({"ok": True, "action": "continue", "lease_seconds": 300})
    assert going_on == Heartbeat(cancelled=False, lease_seconds=300.0)
    assert Heartbeat.from_json({"action": "cancel"}).cancelled
    with pytest.raises(UnexpectedAnswerError, match="action"):
        Heartbeat.from_json({"action": "dance"})
    for seconds in (1e-9, 0, 1e300):
        with pytest.raises(UnexpectedAnswerError, match="lease_seconds"):
            Heartbeat.from_json({"action": "continue", "lease_seconds": seconds})


def result() -> StackResult:
    frame = FrameReport(
        filename="a.fit",
        sha256=SHA,
        date_obs=None,
        exptime=10.0,
        n_stars=0,
        fwhm_px=math.nan,
        sky_adu=560.5,
        transform=(1.0, 0.0, 2.5, 0.0, 1.0, -3.0),
        weight=0.0,
        used=False,
        reason="too few stars",
    )
    return StackResult(
        output_path=Path("stack.fits"),
        n_frames_input=2,
        n_frames_aligned=1,
        total_exptime=10.0,
        date_obs_start="2025-03-27T05:45:00.734",
        date_obs_end="2025-03-27T05:46:14.077",
        ra_deg=None,
        dec_deg=40.97,
        n_stars_detected=0,
        width=1080,
        height=1920,
        engine="seestarpy 0.1.3",
        method="mean",
        sigma_clip=None,
        frames=(frame,),
        notes=("one usable sub",),
    )


def test_a_result_survives_the_pipe() -> None:
    sent = result()
    wire = json.dumps(sent.to_json(), allow_nan=False)
    back = StackResult.from_json(json.loads(wire))
    assert math.isnan(back.frames[0].fwhm_px)
    assert back.to_json() == sent.to_json()
    assert back.n_aligned == 1


def test_a_result_without_times_is_reported_without_them() -> None:
    sent = replace(result(), date_obs_start="", date_obs_end="")
    back = StackResult.from_json(json.loads(json.dumps(sent.to_json(), allow_nan=False)))
    assert (back.date_obs_start, back.date_obs_end) == ("", "")
    facts = facts_of(back, Measured.nothing("no index files"), ())
    assert (facts["date_obs_start"], facts["date_obs_end"]) == (None, None)


SOLUTION = {
    "ra_deg": 192.78,
    "dec_deg": 41.12,
    "scale_arcsec": 2.3755,
    "solver": "triangles",
    "n_matched": 15,
    "rms_arcsec": 0.57,
}


def measured(**changes: Any) -> Measured:
    facts: dict[str, Any] = {
        "solution": SOLUTION,
        "unsolved_reason": None,
        "photometry": {"zero_point_g": 23.1, "bortle": None},
        "objects": ({"name": "M 94"},),
        "object_mismatch": None,
        "n_stars": 113,
        "overlay": Path("overlay.png"),
        "stars": None,
        "notes": ("a remark",),
    }
    return Measured(**{**facts, **changes})


def test_a_measurement_survives_the_pipe() -> None:
    for sent in (measured(), Measured.nothing("not measured: it crashed")):
        wire = json.dumps(sent.to_json(), allow_nan=False)
        assert Measured.from_json(json.loads(wire)) == sent


@pytest.mark.parametrize(
    ("field", "value"),
    [("solution", []), ("objects", ["M 94"]), ("n_stars", -1), ("notes", None), ("stars", 3)],
)
def test_a_wrong_measurement_is_named(field: str, value: object) -> None:
    with pytest.raises(UnexpectedAnswerError, match=field):
        Measured.from_json({**measured().to_json(), field: value})


def test_a_measurement_is_a_sentence() -> None:
    place = "RA 192.7800, Dec +41.1200, 2.376 arcsec per pixel"
    assert measured().sentence == f'solved by triangles: {place}, 15 stars, rms 0.57"'
    unverified = measured(solution={**SOLUTION, "rms_arcsec": None})
    assert unverified.sentence.endswith("unverified")
    assert Measured.nothing("not measured: it crashed").sentence == "not measured: it crashed"


def test_a_completion_says_what_is_stored() -> None:
    job = Job.from_json(JOB)
    stack = StoredFile("/crowdsky/s.fits", 1234, SHA)
    picture = StoredFile("/crowdsky/s_overlay.png", 99, SHA)
    stored = {"overlay": picture}
    body = Completion(job, result(), measured(), stack, stored, ("no thumbnail",)).to_json()
    assert body["ucloud_path"] == "/crowdsky/s.fits"
    assert (body["file_size_bytes"], body["sha256"]) == (1234, SHA)
    assert body["thumbnail_path"] is None
    assert (body["overlay_path"], body["stars_path"]) == ("/crowdsky/s_overlay.png", None)
    assert body["notes"] == ["no thumbnail"]
    assert (body["n_frames_input"], body["n_frames_aligned"]) == (2, 1)
    assert body["n_stars_detected"] == 113, "those of the table that is in the file"
    assert (body["solution"], body["objects"]) == (SOLUTION, [{"name": "M 94"}])


def test_an_unmeasured_stack_is_completed_with_the_reason() -> None:
    stack = StoredFile("/crowdsky/s.fits", 1234, SHA)
    nothing = Measured.nothing("not measured: " + "x" * 3000)
    body = Completion(Job.from_json(JOB), result(), nothing, stack, {}, ()).to_json()
    assert body["solution"] is None
    assert len(body["unsolved_reason"]) == 2000, "the site refuses more"
    assert body["n_stars_detected"] == 0


RESCAN: dict[str, Any] = {
    **JOB,
    "kind": "rescan",
    "frame_count": 0,
    "stack": {"stack_id": 5, "file_size_bytes": "35000000", "sha256": SHA},
    "options": {"solvers": ["triangles", "nova"]},
}


def test_a_rescan_is_read() -> None:
    job = Job.from_json(RESCAN)
    assert job.stack is not None
    assert (job.stack.stack_id, job.stack.size_bytes) == (5, 35_000_000)
    assert job.solvers == ("triangles", "nova")
    for options in (None, {}, {"solvers": None}):
        assert Job.from_json({**RESCAN, "options": options}).solvers is None


def test_a_job_without_a_kind_is_a_stack() -> None:
    for job in (JOB, {**JOB, "kind": "stack", "stack": None, "options": None}):
        assert Job.from_json(job).stack is None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("kind", "dance"),
        ("stack", None),
        ("stack", {"stack_id": 5, "file_size_bytes": 1, "sha256": "abc"}),
        ("options", {"solvers": "triangles"}),
        ("options", {"solvers": [1]}),
        ("options", {"solvers": ["nova\n2026 INFO forged"]}),
        ("options", {"solvers": ["n" * 2_000_000]}),
        ("options", {"solvers": ["nova"] * 21}),
        ("kind", "dance\n" * 1_000_000),
    ],
)
def test_a_wrong_rescan_is_refused(field: str, value: object) -> None:
    with pytest.raises(UnexpectedAnswerError) as refused:
        Job.from_json({**RESCAN, field: value})
    assert_fits_a_line(refused.value)
