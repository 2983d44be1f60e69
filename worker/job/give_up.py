"""Tells the site that a job failed or was released."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from crowdsky.base.errors import BadDataError, CrowdSkyError, InputMissingError
from crowdsky.net.connection import Api
from crowdsky.net.retry import FAIL, RELEASE, Policy, Waits, call_with_retry
from worker.job.lease import Lease
from worker.job.stages import Stage
from worker.job.stopping import Errand, Interrupted
from worker.site import job_api
from worker.site.records import Job

log = logging.getLogger(__name__)

LOOK_SECONDS = 0.25
"""Seconds after which a report that waits checks again whether the worker is stopping."""


def release(job: Job, error: CrowdSkyError, api: Api) -> None:
    """Hand the job back, also when the worker is stopping: the call's time-outs are short."""
    reason = str(error)
    _report(RELEASE, lambda: job_api.release_job(api, job, reason), api, lambda _: None)


def fail(job: Job, error: CrowdSkyError, api: Api, stage: Stage, interrupted: Interrupted) -> None:
    """Report a failure; bad data and missing raws are not worth another attempt."""
    hopeless = isinstance(error, BadDataError | InputMissingError)
    _report_failure(job, str(error), api, stage, interrupted, retryable=not hopeless)


@contextmanager
def failed_by_bugs(job: Job, api: Api, lease: Lease, interrupted: Interrupted) -> Iterator[None]:
    """Report the job as failed when an exception leaves the block, which then goes on.

    How jobs usually end is handled inside the block; what leaves it is a bug in the worker.
    """
    try:
        yield
    except Exception as error:
        message = f"a bug in the worker: {type(error).__name__}: {error}"
        _report_failure(job, message, api, lease.stage, interrupted, retryable=True)
        raise


def _report_failure(
    job: Job,
    message: str,
    api: Api,
    stage: Stage,
    interrupted: Interrupted,
    *,
    retryable: bool,
) -> None:
    def report() -> None:
        answer = job_api.fail_job(api, job, message, retryable=retryable, stage=stage)
        log.info("the site's state of the job is now %r", answer.get("status"))

    _report(FAIL, report, api, interrupted)


def _report(policy: Policy, call: Callable[[], None], api: Api, interrupted: Interrupted) -> None:
    """Report how a job ended; if the report does not arrive, the lease runs out by itself."""

    def sleep(seconds: float) -> None:
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if (stopping := interrupted(Errand.REPORT)) is not None:
                raise stopping
            time.sleep(min(left, LOOK_SECONDS))

    try:
        with api.cut_off.when(lambda: interrupted(Errand.REPORT) is not None):
            call_with_retry(policy, call, Waits(sleep=sleep))
    except CrowdSkyError as error:
        log.warning("%s", error)
