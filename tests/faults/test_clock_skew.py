"""Clocks that are wrong or jump, on a worker and on the site: duplicates at most, never a loss."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from demo.services import ServiceError, Site
from tests.contract.jobs.support import Queue, Worker
from tests.faults.forked_workers import ForkedWorker
from tests.faults.matrix_scene import Scene
from tests.support.set_clock import SetClock, missing_libraries
from tests.support.sites import SiteUnderTest

HOUR = 3600
DAY = 24 * HOUR
COMPLETED = (0, "completed", 1, 1)
"""Exit code of the worker; status, attempts and archived stacks of its job."""


@pytest.fixture
def clock(tmp_path: Path) -> SetClock:
    """A clock that is right until it is set."""
    return SetClock(tmp_path / "clock")


@pytest.fixture
def scene(tmp_path: Path, clock: SetClock) -> Iterator[Scene]:
    """A site with a right clock, a share and one job; workers live by the other clock."""
    with ExitStack() as running:
        built = Scene(tmp_path, running, clock.for_python)
        built.begin()
        yield built


@pytest.fixture
def site(tmp_path: Path, clock: SetClock) -> Iterator[SiteUnderTest]:
    """A site that lives by the clock."""
    if missing := missing_libraries():
        pytest.skip(f"{', '.join(missing)} is not installed; ./dev test installs it")
    settings = {**clock.for_php, "CROWDSKY_RETRY_BACKOFF_SECONDS": "0"}
    with SiteUnderTest(tmp_path / "site", env=settings) as running:
        yield running


@pytest.fixture
def queue(site: SiteUnderTest) -> Queue:
    """An empty queue on the site."""
    return Queue(site, site.rows)


@pytest.fixture
def first(site: Site) -> Worker:
    """A worker."""
    return Worker(site, site.create_worker_key("first"), "first")


@pytest.fixture
def second(site: Site) -> Worker:
    """Another worker."""
    return Worker(site, site.create_worker_key("second"), "second")


def stacks(queue: Queue) -> list[int]:
    """The jobs of all archived stacks."""
    return [row["job_id"] for row in queue.rows.all("SELECT job_id FROM stacked_frames")]


def raws_are_there(queue: Queue, job: int) -> bool:
    """Whether every raw of the job is still on disk."""
    paths = queue.raw_paths(job)
    return bool(paths) and all(path.is_file() for path in paths)


def wrong_day(skew: int) -> str:
    """The date by a clock that is wrong by so many seconds."""
    return str((datetime.now(UTC) + timedelta(seconds=skew)).date())


def is_idle(worker: Worker) -> bool:
    """Whether there is no job for the worker."""
    answer = worker.get("next_job", worker_id=worker.name, claim_id="0123456789abcdef")
    return bool(answer.status_code == 204)


def test_the_clock_moves_the_site(site: Site, clock: SetClock, queue: Queue) -> None:
    clock.set(DAY)
    site.create_worker_key("of tomorrow")
    made = queue.rows.one("SELECT created_at FROM api_keys")["created_at"]
    ahead = datetime.fromisoformat(made).replace(tzinfo=UTC) - datetime.now(UTC)
    assert abs(ahead.total_seconds() - DAY) < 60


@pytest.mark.parametrize("skew", [DAY, -DAY], ids=["a day ahead", "a day behind"])
def test_a_worker_may_live_on_another_day(scene: Scene, clock: SetClock, skew: int) -> None:
    clock.set(skew)
    days = {wrong_day(skew)}
    seen = scene.work()
    days.add(wrong_day(skew))
    assert (seen.exit_code, seen.status, seen.attempts, seen.stacks) == (0, "completed", 1, 1), (
        seen.said
    )
    assert any(day in seen.said for day in days), "the worker's clock was right"


@pytest.mark.parametrize(
    "skew", [DAY, -HOUR, -1], ids=["a day on", "an hour back", "a second back"]
)
def test_a_worker_whose_clock_jumps_goes_on(scene: Scene, clock: SetClock, skew: int) -> None:
    def jump(_scene: Scene, _process: ForkedWorker) -> None:
        clock.set(skew)

    seen = scene.work(at="claimed", act=jump)
    assert (seen.exit_code, seen.status, seen.attempts, seen.stacks) == (0, "completed", 1, 1), (
        seen.said
    )


def test_a_run_outlives_a_site_set_back(clock: SetClock, queue: Queue, first: Worker) -> None:
    job = queue.add_job()
    lease = first.claim()
    clock.set(-HOUR)
    beat = first.report("heartbeat", lease, stage="stack", progress=0.5)
    assert beat.status_code == 200
    report = first.archive(lease)
    assert first.report("complete_job", lease, **report).status_code == 200
    assert stacks(queue) == [job]
    assert raws_are_there(queue, job)


def test_a_silent_run_on_a_site_set_back_is_taken_over_in_the_end(
    clock: SetClock, queue: Queue, first: Worker, second: Worker
) -> None:
    job = queue.add_job()
    first.claim()
    clock.set(-HOUR)
    assert is_idle(second), "the first worker's lease still counts"
    # So much later by the site's own clock, the lease has run out.
    clock.set(HOUR)
    lease = second.claim()
    assert (lease["job_id"], lease["attempt"]) == (job, 2)
    assert second.report("complete_job", lease, **second.archive(lease)).status_code == 200
    assert stacks(queue) == [job]
    assert raws_are_there(queue, job)


def test_a_site_set_forward_repeats_work_and_archives_it_once(
    site: Site, clock: SetClock, queue: Queue, first: Worker, second: Worker
) -> None:
    job = queue.add_job()
    early = first.claim()
    report = first.archive(early)
    clock.set(HOUR)
    late = second.claim()
    assert (late["job_id"], late["attempt"]) == (job, 2)
    refused = first.report("complete_job", early, **report)
    assert (refused.status_code, refused.json()["code"]) == (409, "lease_lost")
    archived = second.archive(late)
    assert second.report("complete_job", late, **archived).status_code == 200
    assert stacks(queue) == [job]
    assert raws_are_there(queue, job)
    kept = {path.name for path in (site.data_dir / "stacks").rglob("*.fits")}
    both = {Path(one["ucloud_path"]).name for one in (report, archived)}
    assert kept == both, "the first worker's file is an orphan, the second's the result"


def test_a_cleanup_in_the_future_leaves_what_is_being_received(site: Site, clock: SetClock) -> None:
    site.run_php("migrate.php")
    part = site.data_dir / "spool" / "arriving.part"
    part.parent.mkdir(exist_ok=True)
    part.write_bytes(b"x")
    clock.set(30 * DAY)
    for _ in range(2):
        assert "unfinished uploads swept: 0" in site.cleanup("--clock-is-right")
    assert part.exists(), "its date is that of the disk, whose clock is right"


def test_a_cleanup_in_the_future_still_reads_the_stack_first(
    site: Site, clock: SetClock, queue: Queue, first: Worker
) -> None:
    job = queue.add_job()
    lease = first.claim()
    report = first.archive(lease)
    assert first.report("complete_job", lease, **report).status_code == 200
    stack = next((site.data_dir / "stacks").rglob(Path(report["ucloud_path"]).name))
    body = stack.read_bytes()

    clock.set(-HOUR)
    site.cleanup("--clock-is-right")
    assert raws_are_there(queue, job), "the grace period is not over"
    clock.set(30 * DAY)
    site.cleanup("--clock-is-right")
    stack.write_bytes(body[:-1])
    with pytest.raises(ServiceError, match="stacks NOT verified: 1"):
        site.cleanup()
    assert raws_are_there(queue, job), "the stack is not what was archived"
    stack.write_bytes(body)
    site.cleanup()
    assert raws_are_there(queue, job), "the stack is intact again, and its grace period new"
    clock.set(32 * DAY)
    for _ in range(2):
        site.cleanup("--clock-is-right")
    assert not raws_are_there(queue, job), "an operator insisted that the clock is right"
