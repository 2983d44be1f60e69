"""Whole jobs: real site, real share, real worker process, real stacking."""

from __future__ import annotations

import hashlib
import io
import json
import time
from pathlib import Path

import pytest
from astropy.io import fits

from tests.support.fault_proxy import Fault, plain_answer
from tests.support.observatory import Observatory

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("direct", [True, False], ids=["by WebDAV", "through the site"])
def test_one_job_from_claim_to_completion(observatory: Observatory, direct: bool) -> None:
    job = observatory.add_job()
    without = {} if direct else {"UCLOUD_WEBDAV_URL": "", "UCLOUD_SHARE_TOKEN": ""}
    worker = observatory.start("attic", "--once", LOG_FORMAT="json", **without)
    assert worker.exit_code() == 0, worker.log

    row = observatory.rows.job(job)
    assert (row["status"], row["attempts"]) == ("completed", 1)
    frame = observatory.rows.one("SELECT * FROM stacked_frames")
    assert (frame["n_frames_input"], frame["n_frames_aligned"]) == (3, 3)
    stack = (observatory.share.root / frame["ucloud_path"][1:]).read_bytes()
    assert hashlib.sha256(stack).hexdigest() == frame["sha256"]
    assert len(stack) == frame["file_size_bytes"]
    with fits.open(io.BytesIO(stack)) as product:
        names = [hdu.name for hdu in product]
        assert {"RED", "GREEN", "BLUE", "FOOTPRINT", "STAR-TAB", "FRAMES"} <= set(names)
        sums = {"DATASUM", "CHECKSUM"}
        assert all(sums <= set(hdu.header) for hdu in product), "the site looks at each HDU's sums"
        raws = observatory.rows.all("SELECT id FROM raw_files ORDER BY fits_date_obs")
        public = [f"frame_{raw['id']}.fits" for raw in raws]
        assert list(product["FRAMES"].data["FILENAME"]) == public, "the key is not a trusted one"
    thumbnail = observatory.share.root / frame["thumbnail_path"][1:]
    assert thumbnail.read_bytes().startswith(b"\x89PNG")
    assert observatory.raws_are_there(job), "raws must outlive the completion"
    assert list(worker.scratch.glob("run-*")) == []

    lines = [json.loads(line) for line in worker.lines]
    stages = [line["stage"] for line in lines if "stage" in line]
    measured = ["solve", "measure", "overlay"]
    assert stages == ["list", "download", "wait", "stack", *measured, "upload", "complete"]
    assert observatory.key not in worker.log


def test_stages_that_pass_at_once_are_not_logged(observatory: Observatory) -> None:
    job = observatory.add_job()
    worker = observatory.start("attic", "--once", LOG_LEVEL="info")
    worker.wait_for_line(f"job {job}: ")
    assert worker.exit_code() == 0, worker.log
    assert "download done" in worker.log
    assert "list done" not in worker.log, "stages that pass at once tell an operator nothing"
    assert "wait done" not in worker.log


def test_an_empty_queue_is_exit_code_1(observatory: Observatory) -> None:
    assert observatory.start("attic", "--once").exit_code() == 1


def test_a_wrong_key_is_exit_code_78(observatory: Observatory) -> None:
    observatory.add_job()
    for arguments in ([], ["--once"]):
        worker = observatory.start("attic", *arguments, WORKER_API_KEY="wrong-key")
        assert worker.exit_code() == 78, worker.log
        assert "WORKER_API_KEY" in worker.log
        assert "wrong-key" not in worker.log
        assert "Traceback" not in worker.log


def test_unusable_subs_fail_with_a_sentence_and_the_daemon_goes_on(
    observatory: Observatory, cloudy_subs: list[Path]
) -> None:
    hopeless = observatory.add_job(cloudy_subs, object_name="Clouds")
    good = observatory.add_job()
    worker = observatory.start("attic")
    # Both are worked on side by side; either may end first.
    worker.wait_for_line(f"job {good}: done")
    worker.wait_for_line(f"job {hopeless}: failed")
    row = observatory.rows.job(hopeless)
    assert row["status"] == "failed", "trying again elsewhere cannot help"
    assert "none of the 3 subs could be used" in row["error_message"]
    assert observatory.raws_are_there(hopeless)
    assert observatory.rows.job(good)["status"] == "completed"
    assert worker.stop() == 0, worker.log
    assert "Traceback" not in worker.log


def test_once_says_when_the_job_failed(observatory: Observatory, cloudy_subs: list[Path]) -> None:
    observatory.add_job(cloudy_subs)
    assert observatory.start("attic", "--once").exit_code() == 2


def test_a_stubborn_line_loses_nothing(observatory: Observatory) -> None:
    """Each call fails at least once, in the way that hurts it most."""
    job = observatory.add_job()
    site, share = observatory.to_site, observatory.to_share
    faults = [
        site.inject(Fault("answer", target="job_files", answer=plain_answer("503 Busy"))),
        site.inject(Fault("cut_reply", target="download_raw", after_bytes=100_000)),
        site.inject(Fault("corrupt_reply", target="download_raw", after_bytes=5000)),
        share.inject(Fault("cut_request", method="PUT", after_bytes=100_000)),
        share.inject(Fault("lose_reply", method="MOVE")),
        site.inject(Fault("lose_reply", target="complete_job")),
    ]
    worker = observatory.start("attic", "--once")
    assert worker.exit_code() == 0, worker.log
    assert [fault.kind for fault in faults if fault.times] == []
    row = observatory.rows.job(job)
    assert (row["status"], row["attempts"]) == ("completed", 1)
    assert len(observatory.rows.all("SELECT id FROM stacked_frames")) == 1
    assert {name.count(".a1-") for name in observatory.stored()} == {0}, "a part was left behind"


@pytest.mark.every
def test_a_full_storage_releases_the_job(observatory: Observatory) -> None:
    job = observatory.add_job()
    full = plain_answer("507 Insufficient Storage")
    observatory.to_share.inject(Fault("answer", method="PUT", answer=full))
    worker = observatory.start("attic", "--once")
    assert worker.exit_code() == 2
    row = observatory.rows.job(job)
    assert (row["status"], row["attempts"]) == ("pending", 0)
    assert "the storage is full" in worker.log


def test_a_scratch_folder_that_vanishes_releases_the_job(observatory: Observatory) -> None:
    job = observatory.add_job()
    worker = observatory.start("attic", "--once", **observatory.hold())
    worker.wait_for_line(f"job {job}: wait done")
    [run] = worker.scratch.glob("run-*/")
    run.rename(worker.scratch.with_name("gone"))
    observatory.let_go()
    assert worker.exit_code() == 2, worker.log
    row = observatory.rows.job(job)
    assert (row["status"], row["attempts"]) == ("pending", 0)
    assert "could not use the scratch folder" in worker.log


def test_raws_that_always_arrive_broken_fail_the_job(observatory: Observatory) -> None:
    job = observatory.add_job()
    observatory.to_site.inject(
        Fault("corrupt_reply", target="download_raw", after_bytes=5000, times=100)
    )
    worker = observatory.start("attic", "--once")
    assert worker.exit_code() == 2
    row = observatory.rows.job(job)
    assert (row["status"], row["attempts"]) == ("retry", 1)
    assert "bytes differ from those on the site" in row["error_message"]
    assert observatory.to_site.count("GET", "download_raw") == 4


@pytest.mark.every
def test_a_thumbnail_is_not_worth_a_job(observatory: Observatory) -> None:
    observatory.add_job()
    refused = plain_answer("400 Bad Request")
    observatory.to_share.inject(
        Fault("answer", method="PUT", target="_thumb.png", answer=refused, times=100)
    )
    worker = observatory.start("attic", "--once")
    assert worker.exit_code() == 0, worker.log
    frame = observatory.rows.one("SELECT thumbnail_path, notes FROM stacked_frames")
    assert frame["thumbnail_path"] is None
    assert "no thumbnail" in frame["notes"]


def test_the_next_jobs_raws_come_while_one_computes(observatory: Observatory) -> None:
    jobs = [observatory.add_job(), observatory.add_job()]
    worker = observatory.start("attic", MAX_WORKERS="1", **observatory.hold())
    for job in jobs:
        worker.wait_for_line(f"job {job}: download done")
    assert "stack done" not in worker.log
    observatory.let_go()
    for job in jobs:
        worker.wait_for_line(f"job {job}: done")
    assert worker.stop() == 0


def test_a_site_that_goes_away_is_waited_for(observatory: Observatory) -> None:
    worker = observatory.start("attic")
    worker.wait_for(lambda: observatory.to_site.count("GET", "next_job") > 1, "no question")
    observatory.site.kill()
    worker.wait_for_line("could not ask for work")
    observatory.site.restart()
    job = observatory.add_job()
    worker.wait_for_line(f"job {job}: done")
    assert worker.stop() == 0
    assert "Traceback" not in worker.log


def test_a_key_that_is_revoked_later_only_pauses(observatory: Observatory) -> None:
    worker = observatory.start("attic")
    worker.wait_for(lambda: observatory.to_site.count("GET", "next_job") > 1, "no question")
    observatory.rows.execute("UPDATE api_keys SET revoked_at = created_at")
    worker.wait_for_line("WORKER_API_KEY")
    seen = len(observatory.to_site.requests)
    time.sleep(2.5)
    assert len(observatory.to_site.requests) == seen, "a refused key must not be sent again soon"
    assert worker.stop() == 0, worker.log


def test_the_doctor_finds_everything_well_and_claims_nothing(observatory: Observatory) -> None:
    job = observatory.add_job()
    worker = observatory.start("attic", "doctor")
    assert worker.exit_code() == 0, worker.log
    assert observatory.rows.job(job)["status"] == "pending"
    assert observatory.stored() == set()


def test_the_doctor_names_what_is_wrong(observatory: Observatory) -> None:
    worker = observatory.start("attic", "doctor", UCLOUD_SHARE_TOKEN="wrong-token")
    assert worker.exit_code() == 1
    assert "wrong-token" not in worker.log
