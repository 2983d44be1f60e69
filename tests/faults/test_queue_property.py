"""The queue under random interleavings of everything that can be done with it, against a model.

Hypothesis drives the real HTTP API on both engines and after every step compares the database and
the files on disk with the model. Backups are restored, other sites clean up in the same storage,
and the clock is wrong for a while. A failure is shrunk to the shortest sequence that shows it.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from demo.services import Database
from tests.contract.jobs.support import Queue, Worker
from tests.contract.site.support import PASSWORD, Browser
from tests.faults.queue_calls import Bench
from tests.faults.queue_custody import QueueCustody
from tests.faults.queue_machine import HOLDERS, QueueMachine
from tests.support.set_clock import SetClock, missing_libraries
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
def clock(tmp_path: Path) -> SetClock:
    """The clock of the site."""
    if missing := missing_libraries():
        pytest.skip(f"{', '.join(missing)} is not installed; ./dev test installs it")
    return SetClock(tmp_path / "clock")


@pytest.fixture
def other(
    engine: str, database: Database | None, tmp_path: Path, sqlite_template: Path
) -> Iterator[SiteUnderTest]:
    """Another site, for commands only."""
    settings = {"CROWDSKY_ORPHAN_MIN_AGE_HOURS": "0", "CROWDSKY_RAW_GRACE_HOURS": "0"}
    other = SiteUnderTest(tmp_path / "other", database, settings, sqlite_template)
    other.prepare()
    yield other
    other.rows.close()


@pytest.fixture
def bench(
    make_site: Callable[..., SiteUnderTest], clock: SetClock, other: SiteUnderTest, engine: str
) -> Bench:
    """A site that keeps nobody waiting: no pause before a second run, raws due at once."""
    at_once = {"CROWDSKY_RETRY_BACKOFF_SECONDS": "0", "CROWDSKY_RAW_GRACE_HOURS": "0"}
    site = make_site(**at_once, **clock.for_php)
    (site.data_dir / "stacks").mkdir(exist_ok=True)
    (other.data_dir / "stacks").symlink_to(site.data_dir / "stacks")
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
        custody=QueueCustody(site, other, clock, engine),
    )


@pytest.mark.slow
@pytest.mark.parametrize("walks", [10, pytest.param(25, marks=pytest.mark.every)])
def test_the_queue_behaves_as_its_model(
    walks: int, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QueueMachine, "bench", bench, raising=False)
    run_state_machine_as_test(QueueMachine, settings=settings(SETTINGS, max_examples=walks))
