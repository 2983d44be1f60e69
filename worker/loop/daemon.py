"""The worker's loop: claim, process, idle; signals, capacity and prefetch.

``run_daemon`` keeps as many jobs as may compute at once, plus one whose raws download meanwhile.
``run_once`` takes a single job. Network trouble never ends the loop.
"""

from __future__ import annotations

import logging
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor

from crowdsky.base.errors import (
    ConfigurationError,
    CrowdSkyError,
    RequestRefusedError,
    StorageRefusedError,
    TransientError,
)
from crowdsky.base.exit_codes import EXIT_DONE, EXIT_FAILED, EXIT_NO_JOB
from crowdsky.base.logs import about_job
from crowdsky.base.metrics import CLAIMS, JOBS, RUNNING, WAITING, Pulse, served
from crowdsky.net.retry import RETRY_AFTER_CAP_SECONDS
from worker.config import Machine, Settings
from worker.job.stopping import LOOK_SECONDS, Interrupted, Stop, wait_awake
from worker.job.workbench import Workbench, open_workbench
from worker.job_processor import Ending, Outcome, log_outcome, run_job
from worker.loop import claims
from worker.loop.claims import Claims, Pace, kinds_of
from worker.loop.courier import Courier
from worker.loop.preflight import Fitness, Preflight
from worker.site.records import Job

log = logging.getLogger(__name__)


def run_once(settings: Settings) -> int:
    """Process one job.

    Returns:
        0 a job was completed; 1 there was none, or the site could not be asked; 2 it failed, was
        handed back or could not be reported yet.

    Raises:
        ConfigurationError: the address or the key is wrong.
    """
    stop = Stop(settings.shutdown_grace)
    with open_workbench(settings, Machine.here()) as bench, stop.on_signals():
        Courier(bench.api, bench.workspace.journal, stop.is_requested).deliver()
        if stop.requested or not _fitness(settings, bench).allows_claim():
            return EXIT_NO_JOB
        try:
            claimed = Claims(
                bench.api, settings.worker_id, kinds_of(settings), stop.interrupt
            ).next_job()
        except ConfigurationError:
            raise
        except CrowdSkyError as error:
            log.error("%s", error if isinstance(error, TransientError) else _refusal(error))
            return EXIT_NO_JOB
        if claimed is None:
            log.info("no job available")
            return EXIT_NO_JOB
        with ThreadPoolExecutor(1, thread_name_prefix="job") as pool:
            running = pool.submit(run_job, *_announced(claimed, bench, stop))
            wait_awake({running})
        outcome = _outcome(running)
    return EXIT_DONE if outcome and outcome.ending is Ending.DONE else EXIT_FAILED


def run_daemon(settings: Settings) -> int:
    """Process jobs until a stop signal, then return 0.

    Raises:
        ConfigurationError: the address or the key is wrong at the very first claim. Later, such
            answers only pause the worker: the site may be under repair.
    """
    stop = Stop(settings.shutdown_grace)
    with open_workbench(settings, Machine.here(), for_many=True) as bench, stop.on_signals():
        log.info("worker %s asks %s for jobs", settings.worker_id, settings.api_base_url)
        pulse = Pulse()
        with served(settings.metrics_address, settings.metrics_port, pulse):
            Daemon(bench, settings, stop, pulse).run()
        log.info("worker %s stopped", settings.worker_id)
    return EXIT_DONE


class Daemon:
    """The loop of ``run_daemon``."""

    def __init__(self, bench: Workbench, settings: Settings, stop: Stop, pulse: Pulse) -> None:
        self._bench = bench
        self._stop = stop
        self._pulse = pulse
        self._fitness = _fitness(settings, bench)
        kinds = kinds_of(settings)
        self._claims = Claims(bench.api, settings.worker_id, kinds, stop.interrupt)
        self._courier = Courier(bench.api, bench.workspace.journal, stop.is_requested)
        self._pace = Pace(settings.poll_interval)
        self._capacity = settings.max_workers + 1
        self._running: set[Future[Outcome]] = set()
        self._answered = False

    def run(self) -> None:
        """Claim and process jobs until a stop signal, then wait for the running ones to end."""
        WAITING.set_function(self._bench.workspace.journal.count)
        self._courier.deliver()
        next_claim = time.monotonic()
        courier = threading.Thread(target=self._courier.run, name="courier", daemon=True)
        courier.start()
        with ThreadPoolExecutor(self._capacity, thread_name_prefix="job") as pool:
            while not self._stop.requested:
                if self._collect():
                    next_claim = time.monotonic() + self._pace.trouble()
                if len(self._running) < self._capacity and time.monotonic() >= next_claim:
                    next_claim = time.monotonic() + self._claim(pool)
                self._rest(next_claim)
            log.info("stopping: %d jobs to finish or hand back", len(self._running))
            wait_awake(self._running)
        self._collect()

    def _claim(self, pool: ThreadPoolExecutor) -> float:
        """Ask once for work, start it, and return how long to wait before the next claim."""
        if not self._fitness.allows_claim(idle=not self._running):
            return claims.UNFIT_PAUSE_SECONDS
        try:
            claimed = self._claims.next_job()
        except TransientError as error:
            CLAIMS.labels("trouble").inc()
            log.warning("%s", error)
            asked = min(error.retry_after or 0.0, RETRY_AFTER_CAP_SECONDS)
            return asked + self._pace.idle()
        except ConfigurationError as error:
            if not self._answered:
                raise
            CLAIMS.labels("refused").inc()
            log.error("%s", error)
            return self._pace.trouble()
        except CrowdSkyError as error:
            CLAIMS.labels("refused").inc()
            log.error("%s", _refusal(error))
            return self._pace.trouble()
        self._answered = True
        CLAIMS.labels("no job" if claimed is None else "job").inc()
        if claimed is None:
            return self._pace.idle()
        self._running.add(pool.submit(run_job, *_announced(claimed, self._bench, self._stop)))
        return self._pace.worked()

    def _collect(self) -> bool:
        """Log the jobs that ended; True if the way one ended calls for a pause."""
        ended = {future for future in self._running if future.done()}
        self._running -= ended
        trouble = False
        for future in ended:
            outcome = _outcome(future)
            trouble |= not self._stop.requested and _is_trouble(outcome)
        return trouble

    def _rest(self, next_claim: float) -> None:
        """Wait until the next claim is due, but never long: a job may end, or a signal arrive."""
        self._pulse.beat()
        RUNNING.set(len(self._running))
        due = next_claim - time.monotonic() if len(self._running) < self._capacity else LOOK_SECONDS
        time.sleep(max(0.0, min(due, LOOK_SECONDS)))


def _fitness(settings: Settings, bench: Workbench) -> Fitness:
    return Fitness(Preflight.of(settings, bench.workspace.journal))


def _refusal(error: CrowdSkyError) -> str:
    """Describe an answer that a site has no reason to give to a claim.

    The errors are worded for calls about a job or a file, and there is neither yet.
    """
    status = "404, 409 or 410"
    if isinstance(error, RequestRefusedError):
        status = str(error.status)
    elif isinstance(error, StorageRefusedError):
        status = "413, 415 or 507"
    said = f" ({error.why})" if error.why else ""
    return (
        f"{error.what}: the answer was {status}{said}, as a gateway before the site or a site "
        "under repair gives it; if it continues, check API_BASE_URL and inform the site's operator"
    )


def _announced(
    claimed: tuple[Job, float], bench: Workbench, stop: Stop
) -> tuple[Job, Workbench, float, Interrupted]:
    """Log a claim and return the arguments of ``run_job``."""
    job, claimed_at = claimed
    with about_job(job.job_id):
        log.info("claimed %s, attempt %d of %d", _described(job), job.attempt, job.max_attempts)
    return job, bench, claimed_at, stop.interrupt


def _described(job: Job) -> str:
    """Name a job and what it works on, for the log."""
    if job.order is not None and job.frame_count == 0:
        return job.chunk_key
    files = f"{job.frame_count} raws" if job.stack is None else f"stack {job.stack.stack_id}"
    return f"{job.chunk_key}, {files} of {job.object_name or 'an unnamed object'}"


def _outcome(ended: Future[Outcome]) -> Outcome | None:
    """Log how a job ended and return it; None if a bug ended it."""
    if bug := ended.exception():
        JOBS.labels("mistake").inc()
        log.error("a job ended by a bug in the worker", exc_info=bug)
        return None
    outcome = ended.result()
    log_outcome(outcome)
    return outcome


def _is_trouble(outcome: Outcome | None) -> bool:
    """Whether the next job would most likely end in the same way."""
    if outcome is None or outcome.ending is Ending.RELEASED:
        return True
    cause = outcome.error and outcome.error.__cause__
    return outcome.ending is Ending.UNREPORTED and isinstance(cause, ConfigurationError)
