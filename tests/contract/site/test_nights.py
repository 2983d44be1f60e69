"""What owners see of their nights: how far a chunk is in every stage, and what became of it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.contract.jobs.support import Worker
from tests.contract.site.subs import sub, taken_at
from tests.contract.site.support import Browser, claim_first
from tests.support.rows import Rows
from worker.job.stages import Stage

GERMAN = {"Accept": "text/html", "Accept-Language": "de"}
WORDS = {
    Stage.LIST: "Getting the list of files",
    Stage.DOWNLOAD: "Downloading 40 %",
    Stage.WAIT: "Waiting for a free processor",
    Stage.STACK: "Stacking 40 %",
    Stage.SOLVE: "Finding the place on the sky 40 %",
    Stage.MEASURE: "Measuring the stars 40 %",
    Stage.OVERLAY: "Making the pictures 40 %",
    Stage.UPLOAD: "Uploading the result 40 %",
    Stage.COMPLETE: "Handing over the result",
}


def text_of(page: str) -> str:
    """Return a page as one line without its tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", page))


def test_every_stage_shows_what_is_done_and_how_far(
    user: Browser, rows: Rows, worker: Worker
) -> None:
    upload = user.upload(sub())
    lease = claim_first(rows, worker, upload["job_ids"][0])
    addresses = (f"status.php?session={upload['session']}", f"job.php?id={lease['job_id']}")

    assert "A worker has taken it" in text_of(user.get(addresses[0]).text)
    assert set(WORDS) == set(Stage) - {Stage.CLAIMED}, "a stage has no words"
    for stage, words in WORDS.items():
        worker.report("heartbeat", lease, stage=stage, progress=0.4, message="")
        for address in addresses:
            page = user.get(address).text
            assert words in text_of(page)
            assert ('value="40"' in page) == words.endswith("%")
            assert "time left: not yet known" in text_of(page)
    worker.report("heartbeat", lease, stage="stack", progress=0.5, message="align 3 of 6")
    page = user.get(addresses[0]).text
    # The share of the whole stage says it better than the count of one of its parts.
    assert "Stacking 50 %, time left: not yet known" in text_of(page)
    assert '<li class="now" aria-current="step">Stack</li>' in page
    assert '<li class="done">Download <small>1 s</small></li>' in page
    german = user.get(addresses[0], headers=GERMAN).text
    assert "Stacken 50 %, Restzeit: noch nicht bekannt" in text_of(german)


STAGES = {"claimed": 2, "download": 28, "wait": 500, "stack": 120, "solve": 8, "complete": 2}
"""Seconds of the stages of a run; a stage that was over at once is missing."""


def set_run(rows: Rows, job: int, ago: float, speed: float = 1.0) -> None:
    """Let a run have ended so many seconds ago, whose stages took their times by the speed."""
    ended = datetime.now(UTC).replace(microsecond=0) - timedelta(seconds=ago)
    moment = ended.timestamp() - sum(STAGES.values()) / speed
    began = {}
    for stage, seconds in STAGES.items():
        began[stage] = round(1000 * moment)
        moment += seconds / speed
    rows.execute(
        "UPDATE stacking_jobs SET stage_times = ?, completed_at = ?, status = 'completed',"
        " stage = 'done' WHERE id = ?",
        json.dumps(began),
        f"{ended:%Y-%m-%d %H:%M:%S}",
        job,
    )


def run_since(rows: Rows, job: int, **seconds: float) -> None:
    """Let the stages of a running job have begun so many seconds ago."""
    now = datetime.now(UTC).timestamp()
    began = {stage: round(1000 * (now - ago)) for stage, ago in seconds.items()}
    rows.execute("UPDATE stacking_jobs SET stage_times = ? WHERE id = ?", json.dumps(began), job)


def steps_of(page: str) -> list[str]:
    """Return the steps of a run as a page lists them, with their times."""
    (found,) = re.findall(r'<ol class="steps">(.*?)</ol>', page, re.DOTALL)
    return [text_of(step).strip() for step in re.findall(r"<li.*?</li>", found, re.DOTALL)]


@pytest.fixture
def running(user: Browser, rows: Rows, worker: Worker) -> dict[str, Any]:
    """A chunk that is stacked, after three of the same worker and size with known times."""
    upload = user.upload(*(taken_at(f"2025-03-27T0{hour}:20:00") for hour in range(1, 5)))
    *earlier, last = sorted(upload["job_ids"])
    for speed, job in zip((0.5, 1.0, 2.0), earlier, strict=True):
        claim_first(rows, worker, job)
        set_run(rows, job, 3600 * speed, speed)
    lease = claim_first(rows, worker, last)
    worker.report("heartbeat", lease, stage="stack", progress=0.25)
    return lease


@pytest.mark.one_database
def test_the_time_of_each_step_is_that_of_earlier_runs_of_the_worker(
    user: Browser, rows: Rows, worker: Worker, running: dict[str, Any]
) -> None:
    job = running["job_id"]
    run_since(rows, job, claimed=40, download=35, wait=15, stack=10)

    page = user.get("job.php", id=job).text

    # 90 s of this stage and 10 s of the later ones; waiting says nothing about the next run.
    assert "Stacking 25 %, about 2 minutes left" in text_of(page)
    assert steps_of(page) == [
        "Download 25 s", "Stack about 2 min", "Solve about 8 s", "Measure", "Pictures",
        "Upload about 2 s",
    ]  # fmt: skip
    assert "Stacken 25 %, noch etwa 2 Minuten" in text_of(
        user.get("job.php", id=job, headers=GERMAN).text
    )
    for stage, progress, words in (
        ("stack", 0.75, "Stacking 75 %, less than a minute left"),
        ("solve", 0.0, "less than a minute left"),
        ("complete", 0.0, "Handing over the result, less than a minute left"),
    ):
        worker.report("heartbeat", running, stage=stage, progress=progress)
        assert words in text_of(user.get("job.php", id=job).text)
    rows.execute("UPDATE stacking_jobs SET worker_name = 'another' WHERE status = 'completed'")
    assert "time left: not yet known" in text_of(user.get("job.php", id=job).text)


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("times_larger", "expected"),
    [(1.2, "about 2 minutes left"), (1.9, "about 2 minutes left"), (3, "time left: not yet known")],
)
def test_only_runs_of_like_size_tell_the_time(
    user: Browser, rows: Rows, running: dict[str, Any], times_larger: float, expected: str
) -> None:
    job = running["job_id"]
    rows.execute(
        "UPDATE stacking_jobs SET total_bytes = total_bytes * ? WHERE id = ?", times_larger, job
    )

    assert expected in text_of(user.get("job.php", id=job).text)


@pytest.mark.one_database
def test_a_step_that_takes_much_longer_than_usual_is_no_promise(
    user: Browser, rows: Rows, running: dict[str, Any]
) -> None:
    job = running["job_id"]
    run_since(rows, job, claimed=500, stack=300)

    page = user.get("job.php", id=job).text

    assert "Stacking 25 %, this step takes longer than usual" in text_of(page)
    assert " left" not in text_of(page.split('class="progress"')[1].split("</p>")[0])


def test_the_site_notes_when_each_stage_begins(user: Browser, rows: Rows, worker: Worker) -> None:
    job = user.upload(sub())["job_ids"][0]
    before = 1000 * datetime.now(UTC).timestamp()
    lease = claim_first(rows, worker, job)

    def noted() -> dict[str, int]:
        found = rows.one("SELECT stage_times FROM stacking_jobs WHERE id = ?", job)
        return dict(json.loads(found["stage_times"] or "{}"))

    for stage in ("list", "download", "download", "of my own", "stack", "download"):
        worker.report("heartbeat", lease, stage=stage, progress=0.5)
    times = noted()
    assert list(times) == ["claimed", "list", "download", "stack"]
    moments = [before, *times.values(), 1000 * datetime.now(UTC).timestamp() + 1]
    assert [round(moment) for moment in moments] == sorted(round(moment) for moment in moments)

    worker.report("release_job", lease, reason="stopping")
    assert noted() == {}
    claim_first(rows, worker, job)
    assert list(noted()) == ["claimed"]


def test_an_upload_ends_with_what_became_of_its_chunks(user: Browser, rows: Rows) -> None:
    upload = user.upload(taken_at("2025-03-27T01:20:00"), taken_at("2025-03-27T03:20:00"))

    def state() -> str:
        row = (
            user.get("status.php", view="uploads")
            .text.split(upload["session"])[1]
            .split("</tr>")[0]
        )
        return text_of(row.split('data-label="State">')[1].split("</td>")[0])

    seen = []
    for states in ("pending failed", "failed cancelled", "completed failed", "completed completed"):
        for job, status in zip(upload["job_ids"], states.split(), strict=True):
            rows.execute("UPDATE stacking_jobs SET status = ? WHERE id = ?", status, job)
        seen.append(state())

    assert seen == ["being stacked", "not stacked", "partly stacked", "stacked"]


def test_owners_read_no_words_of_operators(
    user: Browser, admin: Browser, rows: Rows, worker: Worker
) -> None:
    upload = user.upload(sub())
    job = upload["job_ids"][0]
    lease = claim_first(rows, worker, job)
    worker.report("fail_job", lease, error_message="No stars were found.", retryable=True)
    rows.execute("UPDATE stacking_jobs SET not_before = 0 WHERE id = ?", job)
    lease = claim_first(rows, worker, job)
    report = worker.archive(lease)
    worker.report("complete_job", lease, **report)

    page = text_of(user.get("job.php", id=job).text)

    assert "try 1 of at most 3: No stars were found." in page
    assert "did not succeed, will be tried again" in page
    assert "1 frame combined" in page or "frames combined" in page
    for word in (lease["attempt_tag"], report["ucloud_path"], "run 1", "worker:stacker"):
        assert word not in page
    assert report["ucloud_path"] in admin.get("job.php", id=job).text, "admins look for the file"


def test_subs_that_come_twice_are_listed_once(user: Browser, rows: Rows) -> None:
    subs = [taken_at(f"2025-03-27T01:20:{second}") for second in (10, 21, 32)]
    first = user.upload(*subs)
    second = user.upload(*subs)

    assert second["job_ids"] == first["job_ids"] or second["jobs"] == 0
    page = user.get("job.php", id=first["job_ids"][0]).text
    assert "3 subs" in page
    assert page.count("Light_0.fit") == 1


def test_nights_show_objects_with_their_chunks(user: Browser, rows: Rows, worker: Worker) -> None:
    upload = user.upload(
        taken_at("2025-03-27T22:20:00", OBJECT="'M 94'"),
        taken_at("2025-03-28T02:20:00", OBJECT="'M 94'"),
        taken_at("2025-03-28T03:20:00", OBJECT="'M 3'"),
        taken_at("2025-03-28T23:20:00", OBJECT="'M 94'"),
    )
    assert upload["jobs"] == 4

    page = user.get("status.php").text
    late, early = page.split('<section class="night"')[1:]

    assert "Night of 2025-03-28" in late and late.count("<h3>") == 1
    assert "Night of 2025-03-27" in early and early.count("<h3>") == 2
    assert "2 chunks · 2 subs · 20 s" in text_of(early)
    assert "Its raw subs stay until it is stacked." in text_of(early)
    assert "data-live" in page
    one = user.get("status.php", until="2025-03-27").text
    assert "2025-03-28" not in one.split("<section")[0].split('value="2025')[1]
    assert one.count('<section class="night"') == 1
    assert "There is no night so early" in user.get("status.php", until="2025-03-26").text
    for odd in ("2025", "x", "2025-03-27'"):
        assert user.get("status.php", until=odd).text.count('<section class="night"') == 2
    assert "Nacht vom 2025-03-27" in user.get("status.php", headers=GERMAN).text


def test_a_night_says_when_raw_subs_leave(user: Browser, rows: Rows, worker: Worker) -> None:
    upload = user.upload(*(taken_at(f"2025-03-27T0{hour}:20:00") for hour in (1, 2, 3)))
    stacked, failed, gone = sorted(upload["job_ids"])
    for job in (stacked, gone):
        lease = claim_first(rows, worker, job)
        worker.report("complete_job", lease, **worker.archive(lease))
    lease = claim_first(rows, worker, failed)
    worker.report("fail_job", lease, error_message="No stars were found.", retryable=False)
    rows.execute("UPDATE raw_files SET deleted_at = '2025-04-01 00:00:00' WHERE job_id = ?", gone)
    due = rows.one("SELECT delete_due_at AS due FROM raw_files WHERE job_id = ?", stacked)["due"]
    rows.execute(
        "UPDATE stacking_jobs SET completed_at = '2025-04-01 12:30:00' WHERE id = ?", failed
    )

    page = text_of(user.get("status.php").text)

    assert f"Its raw subs are deleted after {str(due)[:16]} UTC." in page
    assert "Its raw subs stay until 2025-05-01 12:30 UTC" in page
    assert "Its raw subs are deleted." in page


def test_deleting_in_a_night_asks_and_comes_back_to_it(user: Browser, rows: Rows) -> None:
    upload = user.upload(taken_at("2025-03-27T22:20:00"), taken_at("2025-03-29T22:20:00"))
    job = min(upload["job_ids"])
    page = user.get("status.php", until="20250327").text
    assert "This removes the job, its subs and its stack for good." in page
    address = re.search(r'name="return" value="([^"]+)"', page)
    assert address is not None

    form = {"job_id": job, "action": "delete", "return": address[1], "csrf_token": user.token()}
    answer = user.post("job.php", form)

    assert (answer.status_code, answer.headers["Location"]) == (303, "status.php?until=20250327")
    shown = user.get(answer.headers["Location"]).text
    assert f"Job {job} is deleted" in shown
    assert "There is no night so early" in shown


def test_nights_of_somebody_else_are_not_shown(
    user: Browser, new_user: Callable[..., Browser]
) -> None:
    user.upload(sub({"OBJECT": "'M 94'"}))

    assert "M 94" not in new_user().get("status.php").text
