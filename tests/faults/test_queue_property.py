"""The queue under random interleavings of everything that can be done with it, against a model.

Hypothesis drives the real HTTP API on both engines and after every step compares the database and
the files on disk with the model. A failure is shrunk to the shortest sequence that shows it.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.contract.jobs.support import Queue, Worker
from tests.contract.site.support import PASSWORD, Browser
from tests.faults.queue_machine import HOLDERS, Bench, QueueMachine
from tests.support.sites import SiteUnderTest

SETTINGS = settings(
    stateful_step_count=50,
    derandomize=True,
    database=None,
    deadline=None,
    phases=(Phase.generate, Phase.shrink),
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture
def bench(make_site: Callable[..., SiteUnderTest]) -> Bench:
    """A site that keeps nobody waiting: no pause before a second run, raws due at once."""
    site = make_site(CROWDSKY_RETRY_BACKOFF_SECONDS="0", CROWDSKY_RAW_GRACE_HOURS="0")
    rows = site.rows
    owner = Browser(site)
    name = f"owner-{secrets.token_hex(4)}"
    site.create_user(name, PASSWORD)
    assert owner.log_in(name).status_code == 302
    queue = Queue(site, rows)
    queue.user_id = rows.one("SELECT id FROM users WHERE username = ?", name)["id"]
    janitor = site.create_worker_key("janitor", scopes=["cleanup"])
    return Bench(
        site=site,
        rows=rows,
        queue=queue,
        workers={name: Worker(site, site.create_worker_key(name), name) for name in HOLDERS},
        janitor=Worker(site, janitor),
        owner=owner,
        csrf_token=owner.token(),
    )


@pytest.mark.slow
@pytest.mark.parametrize("walks", [10, pytest.param(25, marks=pytest.mark.every)])
def test_the_queue_behaves_as_its_model(
    walks: int, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QueueMachine, "bench", bench, raising=False)
    run_state_machine_as_test(QueueMachine, settings=settings(SETTINGS, max_examples=walks))
