"""The one word to the site about how a job ended, when it is not a completion."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from types import TracebackType

from crowdsky.base.errors import BadDataError, CrowdSkyError, InputMissingError
from crowdsky.net.cut_off import cut_when
from crowdsky.net.retry import FAIL, RELEASE, Policy, Waits, call_with_retry
from worker.job.lease import Lease
from worker.job.stages import Stage
from worker.job.stopping import Errand, Interrupted
from worker.job.workbench import Workbench
from worker.site import job_api as api_client
from worker.site.records import Job

log = logging.getLogger(__name__)

LOOK_SECONDS = 0.25


def release(job: Job, error: CrowdSkyError, bench: Workbench) -> None:
    """Hand the job back."""
    reason = str(error)
    # Its own short time-outs end it soon; while stopping it is all there is left to do.
    _tell(RELEASE, lambda: api_client.release_job(bench.api, job, reason), lambda _: None)


def fail(
    job: Job, error: CrowdSkyError, bench: Workbench, stage: Stage, interrupted: Interrupted
) -> None:
    """Report a failure; bad data and vanished raws are not worth another attempt."""
    hopeless = isinstance(error, BadDataError | InputMissingError)
    _report_failure(job, str(error), bench, stage, interrupted, retryable=not hopeless)


class MistakesTold:
    """Reports the job as failed if a mistake in the worker itself leaves the block; it goes on."""

    def __init__(self, job: Job, bench: Workbench, lease: Lease, interrupted: Interrupted) -> None:
        self._job = job
        self._bench = bench
        self._lease = lease
        self._interrupted = interrupted

    def __enter__(self) -> None:
        pass

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if not isinstance(error, Exception):
            return
        message = f"a mistake in the worker itself: {type(error).__name__}: {error}"
        stage = self._lease.stage
        _report_failure(self._job, message, self._bench, stage, self._interrupted, retryable=True)


def _report_failure(
    job: Job,
    message: str,
    bench: Workbench,
    stage: Stage,
    interrupted: Interrupted,
    *,
    retryable: bool,
) -> None:
    def report() -> None:
        state = api_client.fail_job(bench.api, job, message, retryable=retryable, stage=stage)
        log.info("the site has it as %r now", state)

    _tell(FAIL, report, interrupted)


def _tell(policy: Policy, report: Callable[[], None], interrupted: Interrupted) -> None:
    """Report how a job ended; if the site does not hear it, the lease runs out by itself."""

    def sleep(seconds: float) -> None:
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if (stopping := interrupted(Errand.REPORT)) is not None:
                raise stopping
            time.sleep(min(left, LOOK_SECONDS))

    try:
        with cut_when(lambda: interrupted(Errand.REPORT) is not None):
            call_with_retry(policy, report, Waits(sleep=sleep))
    except CrowdSkyError as error:
        log.warning("%s", error)
