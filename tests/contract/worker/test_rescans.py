"""``rescan --not-measured``: what an operator learns, also over failing networks and old sites."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
from typing import Any

import pytest

from crowdsky.base.errors import RequestRefusedError
from crowdsky.net.connection import Api
from demo.services import REPOSITORY, Site
from tests.contract.jobs.rescans import CRASH, REASON, add_unmeasured
from tests.contract.jobs.support import Queue, Worker, job_columns
from tests.support.fault_proxy import Fault, FaultProxy, plain_answer
from tests.support.rows import Rows
from worker.commands.rescan import rescan_unmeasured

OLDER_SITE = {
    "ok": False,
    "error": "'stack_ids' must be a list of 1 to 500 positive whole numbers",
    "code": "bad_request",
}


@pytest.fixture
def operator(sqlite_site: Site, proxy: FaultProxy) -> Api:
    """The job API through the proxy, with a key that may start rescans."""
    scope = ("create", "--name", "desk", "--scope", "admin")
    return Api.connect(proxy.url, sqlite_site.run_php("worker-key.php", *scope).strip())


@pytest.fixture
def worker(sqlite_site: Site, key: str) -> Worker:
    """A worker whose measuring fails."""
    return Worker(sqlite_site, key)


def command(api: Api, **options: Any) -> int:
    """Run the command with these options and no patience; return the exit code."""
    harmless: dict[str, Any] = {
        "dry_run": False,
        "retry_failed": False,
        "wait": False,
        "channel": None,
        "sleep": lambda _: None,
    }
    return rescan_unmeasured(api, None, **{**harmless, **options})


def test_a_dry_run_lists_them_and_queues_nothing(
    operator: Api, worker: Worker, queue: Queue, rows: Rows, capsys: pytest.CaptureFixture[str]
) -> None:
    stack = add_unmeasured(worker, queue)

    assert command(operator, dry_run=True) == 0

    assert capsys.readouterr().out.splitlines() == [
        f"stack {stack} (M 94): {REASON}",
        "1 stack that nobody has measured would be submitted to be rescanned",
    ]
    assert rows.all("SELECT id FROM stacking_jobs WHERE kind = 'rescan'") == []


def test_all_are_queued_and_the_rest_is_reported(
    operator: Api, worker: Worker, queue: Queue, rows: Rows, capsys: pytest.CaptureFixture[str]
) -> None:
    model = rows.one("SELECT * FROM stacked_frames WHERE id = ?", add_unmeasured(worker, queue))
    session = queue.add_session()
    steps = []
    for job in range(1_000, 1_600):
        columns = job_columns(queue.user_id, session, status="completed")
        steps.append({"insert": "stacking_jobs", "values": {**columns, "id": job}})
        steps.append({"insert": "stacked_frames", "values": {**model, "id": job, "job_id": job}})
    rows.run(steps)

    assert command(operator) == 0
    rows.execute("UPDATE stacking_jobs SET status = 'failed' WHERE stack_id = 1234")
    assert command(operator) == 0
    channel = io.BytesIO()
    assert command(operator, retry_failed=True, channel=channel) == 0

    assert capsys.readouterr().out.splitlines() == [
        "601 stacks that nobody has measured submitted to be rescanned",
        "0 stacks that nobody has measured submitted to be rescanned",
        "600 stacks that nobody has measured left out: the rescan has not ended yet",
        "1 stack that nobody has measured left out: the last rescan failed, and its page says why;"
        " --retry-failed takes them too",
    ]
    report = json.loads(channel.getvalue())
    job = rows.one("SELECT MAX(id) AS id FROM stacking_jobs WHERE stack_id = 1234")["id"]
    assert report == {
        "ok": True,
        "dry_run": False,
        "stacks": [
            {
                "stack_id": 1234,
                "object_name": "M 94",
                "reason": "not measured: its worker gave no reason",
            }
        ],
        "job_ids": [job],
        "skipped": [],
        "left_out": {"under_way": 600, "failed": 0},
    }


def test_a_lost_answer_queues_nothing_twice(
    operator: Api,
    worker: Worker,
    queue: Queue,
    rows: Rows,
    proxy: FaultProxy,
    capsys: pytest.CaptureFixture[str],
) -> None:
    add_unmeasured(worker, queue)
    proxy.inject(Fault("lose_reply", target="rescan"))

    assert command(operator) == 0

    assert len(rows.all("SELECT id FROM stacking_jobs WHERE kind = 'rescan'")) == 1
    assert "1 stack that nobody has measured left out" in capsys.readouterr().out


def test_whoever_waits_hears_how_many_were_solved(
    operator: Api, worker: Worker, queue: Queue, capsys: pytest.CaptureFixture[str]
) -> None:
    add_unmeasured(worker, queue)

    def work(_: float) -> None:
        lease = worker.claim(kinds="rescan")
        worker.report("fail_job", lease, error_message=CRASH, retryable=False)

    assert command(operator, wait=True, sleep=work) == 2

    *_, state, summary = capsys.readouterr().out.splitlines()
    assert state.endswith(f": failed ({CRASH})")
    assert summary == "0 of 1 stacks are solved now"


def test_the_commands_of_the_manual_do_what_it_says(
    sqlite_site: Site, worker: Worker, queue: Queue, rows: Rows
) -> None:
    text = (REPOSITORY / "docs" / "operations.md").read_text("utf-8")
    section = text.split("## Stacks that were not measured\n", 1)[1].split("\n## ", 1)[0]
    commands = re.findall(r"^(?:php|\.venv).*$", section, re.M)
    key = sqlite_site.run_php("worker-key.php", "create", "--name", "op", "--scope", "admin")
    stacks = [add_unmeasured(worker, queue) for _ in range(2)]
    place = {**os.environ, **sqlite_site.environment(), "API_BASE_URL": sqlite_site.api_url}
    place["WORKER_API_KEY"] = key.strip()

    def run(command: str) -> str:
        return subprocess.run(
            command.replace(".venv/bin/python", sys.executable).split(),
            cwd=REPOSITORY,
            env=place,
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    for look, queue_all in (commands[:2], commands[2:]):
        rows.execute("DELETE FROM stacking_jobs WHERE kind = 'rescan'")
        listed = run(look)
        assert all(f"stack {stack}" in listed for stack in stacks), look
        assert rows.all("SELECT id FROM stacking_jobs WHERE kind = 'rescan'") == [], look
        run(queue_all)
        jobs = rows.all("SELECT stack_id FROM stacking_jobs WHERE kind = 'rescan' ORDER BY id")
        assert [job["stack_id"] for job in jobs] == stacks, queue_all


def test_an_older_site_is_distinguished_from_one_without_such_stacks(
    operator: Api, proxy: FaultProxy, capsys: pytest.CaptureFixture[str]
) -> None:
    body = json.dumps(OLDER_SITE).encode()
    head = plain_answer("400 Bad Request").replace(b"Length: 0", b"Length: %d" % len(body))
    proxy.inject(Fault("answer", target="rescan", answer=head + body))

    with pytest.raises(RequestRefusedError) as caught:
        command(operator)

    assert "this site is too old to find stacks that were not measured" in str(caught.value)
    assert "update the site" in str(caught.value)
    assert command(operator) == 0
    assert "0 stacks that nobody has measured submitted" in capsys.readouterr().out
