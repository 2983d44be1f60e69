"""MariaDB is killed five times under a working queue: what was confirmed stays, and only that."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from tests.contract.jobs.support import NOW, Queue, Worker, stack_file
from tests.support.mariadb import MariaDb, missing_programs
from tests.support.sites import SiteUnderTest

KILLS = 5
JOBS = 30
PATIENCE_SECONDS = 120.0


class DurableMariaDb(MariaDb):
    """A server that flushes each commit, as the guide asks for."""

    def command(self, port: int) -> Sequence[str]:
        """Return the command of a server that keeps what it has confirmed."""
        return [*super().command(port), "--innodb-flush-log-at-trx-commit=1"]


@pytest.fixture
def durable() -> Iterator[MariaDb]:
    """Such a server, of the test's own."""
    if missing := missing_programs():
        pytest.skip(f"MariaDB is not installed (no {', '.join(missing)}); ./dev test installs it")
    server = DurableMariaDb()
    try:
        server.start()
        yield server
    finally:
        server.remove()


def stubborn(call: Callable[[], Any]) -> Any:
    """Repeat a call until the site has its database again, as workers do."""
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        answer = call()
        if answer.status_code != requests.codes.service_unavailable:
            return answer
        time.sleep(0.05)
    raise AssertionError("the site did not recover")


def complete_next(worker: Worker) -> tuple[int, int] | None:
    """Do one job, repeating what was not answered; returns job and stack, None without work."""
    claim = {"worker_id": worker.name, "claim_id": str(uuid.uuid4())}
    claimed = stubborn(lambda: worker.get("next_job", **claim))
    if claimed.status_code == requests.codes.no_content:
        return None
    lease, body = claimed.json(), stack_file()
    stored = stubborn(lambda: worker.upload(lease, body))
    assert stored.status_code == 200, stored.text
    fields = {"ucloud_path": stored.json()["path"], "n_frames_aligned": 1}
    done = stubborn(lambda: worker.report("complete_job", lease, **fields))
    assert done.status_code == 200, done.text
    return lease["job_id"], done.json()["stack_id"]


def work(worker: Worker) -> list[tuple[int, int]]:
    """Do jobs until there are none."""
    confirmed = []
    while done := complete_next(worker):
        confirmed.append(done)
    return confirmed


def test_what_was_confirmed_is_there_after_five_kills(
    durable: MariaDb, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("killed") / "site"
    with SiteUnderTest(folder, durable.new_database()) as site:
        queue = Queue(site, site.rows)
        jobs = {queue.add_job() for _ in range(JOBS)}
        site.rows.close()
        workers = [Worker(site, site.create_worker_key(name), name) for name in ("one", "two")]
        site.rows.close()
        with ThreadPoolExecutor(len(workers)) as pool:
            running = [pool.submit(work, worker) for worker in workers]
            for _ in range(KILLS):
                time.sleep(0.3)
                durable.kill()
                durable.start()
            confirmed = [done for call in running for done in call.result()]

        assert {job for job, _ in confirmed} == jobs and len(confirmed) == JOBS
        rows = site.rows.all("SELECT id, job_id FROM stacked_frames")
        assert sorted((row["job_id"], row["id"]) for row in rows) == sorted(confirmed)
        states = site.rows.all("SELECT status, attempts FROM stacking_jobs")
        assert all(row == {"status": "completed", "attempts": 1} for row in states), states
        site.rows.execute("UPDATE stacked_frames SET verified_at = ?", NOW)
        assert f"stacks intact: {JOBS}, missing: 0, changed: 0" in site.cleanup("--verify")
