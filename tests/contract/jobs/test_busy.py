"""A database that is locked or gone: retriable 503s, and everything works afterwards."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from demo.services import Database, Site
from tests.contract.jobs.support import Queue, Worker
from tests.support.mariadb import MariaDb
from tests.support.sites import SiteUnderTest


def test_a_locked_database_is_a_503_and_nothing_is_half_done(
    make_site: Callable[..., SiteUnderTest], request: pytest.FixtureRequest
) -> None:
    site = make_site()
    rows = site.rows
    queue = Queue(site, rows)
    worker = Worker(site, site.create_worker_key("w"))
    job = queue.add_job()
    lease = worker.claim()
    with ExitStack() as held:
        if site.database is None:
            held.enter_context(locked_sqlite(site))
        else:
            held.enter_context(locked_mariadb(request.getfixturevalue("mariadb"), site.database))

        answer = worker.report("fail_job", lease, error_message="x")

    assert (answer.status_code, answer.json()["code"]) == (503, "busy")
    assert int(answer.headers["Retry-After"]) > 0
    assert len(answer.json()["reference"]) == 8
    assert rows.job(job)["status"] == "processing"
    assert worker.report("fail_job", lease, error_message="x").json()["status"] == "retry"


def test_a_short_lock_is_waited_for(
    make_site: Callable[..., SiteUnderTest], request: pytest.FixtureRequest
) -> None:
    site = make_site()
    worker = Worker(site, site.create_worker_key("w"))
    Queue(site, site.rows).add_job()
    lease = worker.claim()
    with ExitStack() as held:
        if site.database is None:
            held.enter_context(locked_sqlite(site, seconds=2.5))
        else:
            server = request.getfixturevalue("mariadb")
            held.enter_context(locked_mariadb(server, site.database, seconds=2.5))

        answer = worker.report("heartbeat", lease, stage="stack")

    assert answer.status_code == 200


def test_a_database_server_that_is_down_is_a_503(tmp_path: Path) -> None:
    nowhere = f"mysql:unix_socket={tmp_path}/none.sock;dbname=x"
    with Site(tmp_path / "site", env={"CROWDSKY_DB_DSN": nowhere}) as site:
        answer = Worker(site, "any").get("next_job")

    assert (answer.status_code, answer.json()["code"]) == (503, "busy")


@contextmanager
def locked_sqlite(site: Site, seconds: float | None = None) -> Iterator[None]:
    """Hold SQLite's write lock, for a time or for as long as the block lasts."""
    code = (
        "import sqlite3, sys, time;"
        "c = sqlite3.connect(sys.argv[1], isolation_level=None);"
        "c.execute('BEGIN IMMEDIATE'); print('locked', flush=True); time.sleep(float(sys.argv[2]))"
    )
    path = str(site.data_dir / "crowdsky.sqlite")
    yield from holding([sys.executable, "-c", code, path, str(seconds or 60)])


@contextmanager
def locked_mariadb(
    server: MariaDb, database: Database, seconds: float | None = None
) -> Iterator[None]:
    """Hold the row locks of all jobs, for a time or for as long as the block lasts."""
    sql = (
        "START TRANSACTION;"  # noqa: S608 # the only variable is a number
        "SELECT COUNT(*) FROM (SELECT id FROM stacking_jobs FOR UPDATE) t;"
        f"SELECT SLEEP({seconds or 60});"
    )
    yield from holding(
        [
            "mariadb",
            "--no-defaults",
            "--unbuffered",
            f"--socket={server.socket}",
            "--user=root",
            "-N",
            "-e",
            sql,
            database.user,
        ]
    )


def holding(command: list[str]) -> Iterator[None]:
    """Run a program that prints a line once it holds a lock; end it afterwards."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        assert process.stdout.readline().strip()
        yield
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
        time.sleep(0.2)
