"""Records from the wire: every field is checked, and the error names the one that is wrong."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from crowdsky.base.errors import UnexpectedAnswerError
from crowdsky.frames.header_clock import ToldClock
from crowdsky.stacking.records import UploadedFigures
from tests.unit.worker.wire import JOB, RAW, SHA
from worker.site.orders import CalibrateOrder
from worker.site.records import Heartbeat, Job, RawFile, is_safe_filename


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
    assert Job.from_json(JOB).oldest_archive_id == ""
    job = Job.from_json({**JOB, "archive_id": "0123456789abcdef"})
    assert (job.archive_id, job.oldest_archive_id) == ("0123456789abcdef", "0123456789abcdef")
    job = Job.from_json({**JOB, "archive_id": "0" * 16, "oldest_archive_id": "f" * 16})
    assert (job.archive_id, job.oldest_archive_id) == ("0" * 16, "f" * 16)


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
        ("oldest_archive_id", "../../../etc/pwd"),
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


def test_an_uploaded_stack_is_read_with_its_figures() -> None:
    figures = {"frames_input": 40, "frames_aligned": 38, "total_exptime": 760.0}
    uploaded = {**JOB, "kind": "uploaded", "stack": None, "options": figures}

    assert Job.from_json(uploaded).uploaded == UploadedFigures(40, 38, 760.0)
    for wrong in (None, {}, {**figures, "frames_aligned": 0}, {**figures, "total_exptime": "x"}):
        with pytest.raises(UnexpectedAnswerError):
            Job.from_json({**uploaded, "options": wrong})


def test_a_calibration_is_read() -> None:
    told = {"field": 3, "scope": 1, "version": 12}
    job = Job.from_json({**JOB, "kind": "calibrate", "calibrate": told, "frame_count": 0})

    assert job.order == CalibrateOrder(3, 12, has_private=True)
    for wrong in (
        None,
        {},
        {**told, "field": 0},
        {**told, "version": "newest"},
        {**told, "scope": -1},
    ):
        with pytest.raises(UnexpectedAnswerError):
            Job.from_json({**JOB, "kind": "calibrate", "calibrate": wrong})


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
