"""What a worker reports of a result: it survives the pipe, and says what is stored."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from crowdsky.base.errors import UnexpectedAnswerError
from crowdsky.measuring.measured import Measured
from crowdsky.stacking.records import FrameReport, StackResult
from crowdsky.storage.stored_file import StoredFile
from tests.unit.worker.wire import JOB, SHA
from worker.site.completion import Completion, facts_of
from worker.site.records import Job


def result() -> StackResult:
    frame = FrameReport(
        filename="a.fit",
        sha256=SHA,
        date_obs=None,
        exptime=10.0,
        n_stars=0,
        fwhm_px=math.nan,
        ellipticity=math.nan,
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
