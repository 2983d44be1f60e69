"""The worker's loop: claim, process, idle; signals, capacity and prefetch.

``run_daemon`` keeps as many jobs as may compute at once, plus one whose raws download meanwhile.
``run_once`` takes a single job. Network trouble never ends the loop.
"""

from __future__ import annotations

import logging
import random
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

from worker import api_client, archive, sandbox
from worker.api_connection import Api
from worker.config import Machine, Settings
from worker.errors import (
    ConfigurationError,
    TransientError,
)
from worker.job_processor import Ending, Interrupted, Outcome, process_job
from worker.lease import steady_seconds
from worker.logs import about_job
from worker.models import RESCAN, STACK, Job
from worker.retry import CLAIM, RETRY_AFTER_CAP_SECONDS, Waits, call_with_retry
from worker.stage import Workbench
from worker.stop import Stop
from worker.webdav import Share
from worker.workspace import Workspace

log = logging.getLogger(__name__)

EXIT_DONE = 0
EXIT_NO_JOB = 1
EXIT_FAILED = 2
EXIT_CONFIGURATION = 78

LOOK_SECONDS = 0.5
"""How often the loop looks for a signal: a handler may not wake a waiting thread safely."""

FIRST_IDLE_SECONDS = 2.0
TROUBLE_PAUSE_SECONDS = (300.0, 900.0)
"""After a refused key or a full storage: long enough not to feed a brute-force protection."""


class Claims:
    """Asks for work. The claim id stays the same until there is an answer to it."""

    def __init__(self, api: Api, worker_id: str, kinds: Sequence[str]) -> None:
        self._api = api
        self._worker_id = worker_id
        self._kinds = kinds
        self._claim_id = uuid.uuid4().hex

    def next_job(self) -> tuple[Job, float] | None:
        """The next job and the lease clock just before it was asked for; None without work."""
        asked_at = steady_seconds()
        job = call_with_retry(
            CLAIM,
            lambda: api_client.get_next_job(
                self._api, self._worker_id, self._claim_id, self._kinds
            ),
            Waits(),
        )
        self._claim_id = uuid.uuid4().hex
        return None if job is None else (job, asked_at)


@dataclass
class Pace:
    """How long the loop waits before it asks again."""

    longest: float
    chance: Callable[[], float] = field(default_factory=lambda: random.SystemRandom().random)
    _idle: float = FIRST_IDLE_SECONDS

    def worked(self) -> float:
        """After a job: ask again at once."""
        self._idle = FIRST_IDLE_SECONDS
        return 0.0

    def idle(self) -> float:
        """Nothing to do: twice as long each time, up to the poll interval, with jitter."""
        wait = min(self._idle, self.longest)
        self._idle = min(self._idle * 2, self.longest)
        return wait * (0.5 + 0.5 * self.chance())

    def trouble(self) -> float:
        """Something must be repaired by a person: minutes."""
        shortest, longest = TROUBLE_PAUSE_SECONDS
        return shortest + (longest - shortest) * self.chance()


def kinds_of(settings: Settings) -> tuple[str, ...]:
    """The kinds of jobs this worker takes: without index files or server it cannot rescan."""
    if settings.recipe.can_solve:
        return (STACK, RESCAN)
    log.warning(
        "no index files in %s: stacks are not plate-solved here, and rescans are left to others",
        settings.recipe.index_dir,
    )
    return (STACK,)


@contextmanager
def open_workbench(settings: Settings, machine: Machine) -> Iterator[Workbench]:
    """Connections, scratch space and limits as the settings say.

    Raises:
        ConfigurationError: the scratch folder cannot be used.
    """
    api = Api.connect(settings.api_base_url, settings.worker_api_key)
    if settings.uses_webdav:
        share = Share.connect(settings.webdav_url, settings.share_token)
        store = archive.share_or_site_store(share, settings.base_path, api)
    else:
        store = archive.site_store(api)
    workspace = Workspace(settings.work_dir)
    try:
        yield Workbench(
            api=api,
            store=store,
            workspace=workspace,
            compute_slots=threading.Semaphore(settings.max_workers),
            engine=settings.stack_engine,
            limits=sandbox.Limits(
                memory_mb=settings.job_memory_mb,
                seconds=settings.job_timeout,
                threads=max(1, machine.cores // settings.max_workers),
            ),
            recipe=settings.recipe,
            kernel_dir=settings.work_dir.resolve() / "kernels",
        )
    finally:
        workspace.close()


def run_once(settings: Settings) -> int:
    """Process one job.

    Returns:
        0 a job was completed, 1 there was none (or the site could not be asked), 2 it failed or
        was handed back.

    Raises:
        ConfigurationError: the address or the key is wrong.
    """
    stop = Stop(settings.shutdown_grace)
    with open_workbench(settings, Machine.here()) as bench, stop.on_signals():
        try:
            claimed = Claims(bench.api, settings.worker_id, kinds_of(settings)).next_job()
        except TransientError as error:
            log.error("%s", error)
            return EXIT_NO_JOB
        if claimed is None:
            log.info("no job available")
            return EXIT_NO_JOB
        outcome = process_job(*_announced(claimed, bench, stop))
        _log_outcome(outcome)
    return EXIT_DONE if outcome.ending is Ending.DONE else EXIT_FAILED


def run_daemon(settings: Settings) -> int:
    """Process jobs until a signal says stop; returns 0.

    Raises:
        ConfigurationError: the address or the key is wrong at the very first question. Later
            such answers only pause the worker: the site may be under repair.
    """
    stop = Stop(settings.shutdown_grace)
    with open_workbench(settings, Machine.here()) as bench, stop.on_signals():
        log.info("worker %s asks %s for jobs", settings.worker_id, settings.api_base_url)
        Daemon(bench, settings, stop).run()
        log.info("worker %s stopped", settings.worker_id)
    return EXIT_DONE


class Daemon:
    """The loop of ``run_daemon``."""

    def __init__(self, bench: Workbench, settings: Settings, stop: Stop) -> None:
        self._bench = bench
        self._stop = stop
        self._claims = Claims(bench.api, settings.worker_id, kinds_of(settings))
        self._pace = Pace(settings.poll_interval)
        self._capacity = settings.max_workers + 1
        self._running: set[Future[Outcome]] = set()
        self._heard = False

    def run(self) -> None:
        """Claim and process until told to stop, then wait for the running jobs to end."""
        next_claim = time.monotonic()
        with ThreadPoolExecutor(self._capacity, thread_name_prefix="job") as pool:
            while not self._stop.requested:
                if self._collect():
                    next_claim = time.monotonic() + self._pace.trouble()
                if len(self._running) < self._capacity and time.monotonic() >= next_claim:
                    next_claim = time.monotonic() + self._claim(pool)
                self._rest(next_claim)
            log.info("stopping: %d jobs to finish or hand back", len(self._running))
        self._collect()

    def _claim(self, pool: ThreadPoolExecutor) -> float:
        """Ask once for work, start it, and return how long to wait before the next question."""
        try:
            claimed = self._claims.next_job()
        except TransientError as error:
            log.warning("%s", error)
            asked = min(error.retry_after or 0.0, RETRY_AFTER_CAP_SECONDS)
            return asked + self._pace.idle()
        except ConfigurationError as error:
            if not self._heard:
                raise
            log.error("%s", error)
            return self._pace.trouble()
        self._heard = True
        if claimed is None:
            return self._pace.idle()
        self._running.add(pool.submit(process_job, *_announced(claimed, self._bench, self._stop)))
        return self._pace.worked()

    def _collect(self) -> bool:
        """Log the jobs that ended; True if one says that this worker should pause."""
        ended = {future for future in self._running if future.done()}
        self._running -= ended
        trouble = False
        for future in ended:
            if bug := future.exception():
                log.error("a job ended by a mistake in the worker itself", exc_info=bug)
                trouble = True
                continue
            outcome = future.result()
            _log_outcome(outcome)
            trouble |= outcome.ending is Ending.RELEASED and not self._stop.requested
        return trouble

    def _rest(self, next_claim: float) -> None:
        """Wait until a job ends, a question is due or a signal should be looked at."""
        due = next_claim - time.monotonic() if len(self._running) < self._capacity else LOOK_SECONDS
        time.sleep(max(0.0, min(due, LOOK_SECONDS)))


def _announced(
    claimed: tuple[Job, float], bench: Workbench, stop: Stop
) -> tuple[Job, Workbench, float, Interrupted]:
    """Log a claim and put together what ``process_job`` takes."""
    job, claimed_at = claimed
    with about_job(job.job_id):
        log.info(
            "claimed %s, %s of %s, attempt %d of %d",
            job.chunk_key,
            f"{job.frame_count} raws" if job.stack is None else f"stack {job.stack.stack_id}",
            job.object_name or "an unnamed object",
            job.attempt,
            job.max_attempts,
        )
    return job, bench, claimed_at, stop.interrupt


def _log_outcome(outcome: Outcome) -> None:
    """One line about how a job ended."""
    level = logging.INFO if outcome.ending is Ending.DONE else logging.WARNING
    reason = f": {outcome.error}" if outcome.error else ""
    with about_job(outcome.job.job_id):
        log.log(level, "%s%s", outcome.ending.value, reason)
