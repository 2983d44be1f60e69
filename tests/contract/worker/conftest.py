"""Fixtures of the worker's tests on a real site: a queue, and the site behind the fault proxy."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from crowdsky.net import retry
from crowdsky.net.connection import Api
from demo.services import Site
from tests.contract.jobs.support import Queue, Worker
from tests.support.fault_proxy import FaultProxy
from tests.support.rows import Rows
from tests.support.scripts import settings_read_anew, write_env
from worker import api_client


@pytest.fixture
def rows(sqlite_site: Site) -> Rows:
    """The site's database."""
    return sqlite_site.rows


@pytest.fixture
def queue(sqlite_site: Site, rows: Rows) -> Queue:
    """An empty queue on the site."""
    return Queue(sqlite_site, rows)


@pytest.fixture
def key(sqlite_site: Site) -> str:
    """A worker's key."""
    return sqlite_site.create_worker_key("attic")


@pytest.fixture
def proxy(sqlite_site: Site) -> Iterator[FaultProxy]:
    """A proxy before the job API that fails on request."""
    with FaultProxy(sqlite_site.api_url) as running:
        yield running


@pytest.fixture
def api(proxy: FaultProxy, key: str) -> Api:
    """The job API through the proxy."""
    return Api.connect(proxy.url, key)


@pytest.fixture
def script(
    tmp_path: Path, proxy: FaultProxy, key: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """Run as a script in a folder with nothing but a .env, which never waits between tries."""
    write_env(tmp_path, {"API_BASE_URL": proxy.url, "WORKER_API_KEY": key, "WORKER_ID": "a script"})
    monkeypatch.setattr(retry.Policy, "wait", lambda *_: 0.0)
    monkeypatch.setattr(retry, "DENIED_RETRY_SECONDS", 0.0)
    with settings_read_anew(tmp_path, monkeypatch):
        yield


@pytest.fixture
def claimed(script: None, queue: Queue) -> dict[str, Any]:
    """The answer to the claim of a job with two raws."""
    queue.add_job(frames=2)
    job = api_client.get_next_job()
    assert job is not None
    return job


@pytest.fixture
def elsewhere(claimed: dict[str, Any], rows: Rows, sqlite_site: Site) -> dict[str, Any]:
    """The claimed job, now held by another key."""
    rows.execute("UPDATE stacking_jobs SET lease_expires_at = 1")
    other = Worker(sqlite_site, sqlite_site.create_worker_key("other"))
    assert other.try_claim() is None, "it is taken back, for a pause"
    rows.execute("UPDATE stacking_jobs SET not_before = NULL")
    assert other.claim()["job_id"] == claimed["job_id"]
    return claimed
