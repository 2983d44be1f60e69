"""Whatever others may write, no page shows it as markup."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.contract.jobs.measured import OBJECTS, PHOTOMETRY, companions, measurement, solution
from tests.contract.jobs.support import Worker
from tests.contract.site.subs import sub
from tests.contract.site.support import Browser
from tests.faults.actors import Situation
from tests.faults.calls import CALLS
from tests.support.rows import Rows
from tests.support.sites import SiteUnderTest

HOSTILE = "\"'><script>alert(1)</script>"
UNESCAPED = re.compile(r"<script>alert|<img src=x|\"'>")


@pytest.fixture
def situation(user: Browser, site: SiteUnderTest, rows: Rows) -> Situation:
    """An archived stack, a job that has failed and one that runs, with markup in every text."""
    worker = Worker(site, site.create_worker_key("dome", trusted=True), HOSTILE[:64])
    cards = dict.fromkeys(("OBJECT", "FILTER", "TELESCOP", "INSTRUME"), f"'{HOSTILE[:40]}'")
    texts = {name: value.replace("\"'", "''\"") for name, value in cards.items()}
    finished, session = upload(user, texts, 1)
    lease = worker.claim(version=HOSTILE)
    fields = worker.archive(lease) | companions(worker, lease)
    told = measurement(
        engine=HOSTILE,
        notes=[HOSTILE, f"note {HOSTILE}"],
        measurement_notes=[f"note {HOSTILE}"],
        solution=solution(solver=HOSTILE[:32], catalogue=HOSTILE[:32]),
        photometry=PHOTOMETRY | {"catalogue": HOSTILE[:32]},
        object_mismatch=HOSTILE,
        objects=[OBJECTS[0] | {"name": HOSTILE, "type": HOSTILE[:32], "messier": HOSTILE[:16]}],
    )
    done = worker.report("complete_job", lease, **fields | told)
    assert done.status_code == 200, done.text
    failed, _ = upload(user, texts, 2)
    lease = worker.claim()
    assert lease["job_id"] == failed
    reason = {"error_message": HOSTILE, "retryable": False, "stage": HOSTILE[:40]}
    assert worker.report("fail_job", lease, **reason).ok
    upload(user, texts, 3)
    lease = worker.claim()
    assert worker.report("release_job", lease, reason=HOSTILE).ok
    lease = worker.claim()
    assert worker.report("heartbeat", lease, stage=HOSTILE[:40], message=HOSTILE).ok
    file = rows.all("SELECT id FROM raw_files WHERE job_id = ?", finished)[0]
    return Situation(
        lease=lease,
        file_id=file["id"],
        done_id=failed,
        stack_id=done.json()["stack_id"],
        session=session,
        victim_id=1,
        key_id=1,
    )


def upload(user: Browser, cards: dict[str, str], month: int) -> tuple[int, str]:
    """Upload a sub of that month, markup in its name; returns the job and the session."""
    session = user.start()
    moment = {"DATE-OBS": f"'2025-{month:02d}-27T01:20:32'"}
    answer = user.put(session, sub({**cards, **moment}), f"{HOSTILE}.fit")
    assert answer.status_code == 200, answer.text
    [job] = user.finalize(session).json()["job_ids"]
    number: int = job
    return number, session


def pages(situation: Situation, visitor: Browser) -> Iterator[tuple[str, Any]]:
    """Every page and answer to a GET."""
    calls = {name: call for name, call in CALLS.items() if call.target.startswith("GET ")}
    for name, call in calls.items():
        yield name, visitor.get(call.path, **call.query(situation))
    yield "failed job", visitor.get("job.php", id=situation.done_id)


def test_no_text_of_others_becomes_markup(
    situation: Situation, user: Browser, admin: Browser
) -> None:
    escaped = set()
    for who, visitor in (("owner", user), ("admin", admin)):
        for name, answer in pages(situation, visitor):
            assert answer.headers["X-Content-Type-Options"] == "nosniff", name
            if not answer.headers.get("Content-Type", "").startswith("text/html"):
                continue
            assert not UNESCAPED.search(answer.text), (who, name)
            if "&lt;script&gt;" in answer.text:
                escaped.add(f"{who}: {name}")

    assert {
        "owner: job page",
        "owner: stack page",
        "owner: failed job",
        "owner: my stacks",
    } <= escaped
    assert {"admin: job page", "admin: stack page", "admin: queue", "admin: workers"} <= escaped
