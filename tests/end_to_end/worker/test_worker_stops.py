"""Stopping while the site accepts every connection and never answers, and mistakes of our own."""

from __future__ import annotations

import time

import pytest

from tests.faults.matrix_cases import ALWAYS
from tests.support.fault_proxy import Fault
from tests.support.observatory import Observatory

pytestmark = pytest.mark.slow

HANGING = 500.0
"""Seconds that a hanging call would last: more than any test does."""

SOON = 120.0
"""Patience for a busy machine. A stop takes seconds, or as long as the hanging call."""


@pytest.mark.parametrize("call", ["job_files", "download_raw"])
def test_a_hanging_call_does_not_delay_a_stop(observatory: Observatory, call: str) -> None:
    job = observatory.add_job()
    observatory.to_site.inject(Fault("delay", target=call, seconds=HANGING, times=ALWAYS))
    worker = observatory.start("attic")
    worker.wait_for(lambda: observatory.to_site.count("GET", call), "no call")
    began = time.monotonic()
    assert worker.stop() == 0, worker.log
    assert time.monotonic() - began < SOON
    row = observatory.rows.job(job)
    assert (row["status"], row["attempts"]) == ("pending", 0), worker.log
    assert "Traceback" not in worker.log


def test_a_site_that_does_not_take_jobs_back_does_not_delay_a_stop(
    observatory: Observatory,
) -> None:
    observatory.add_job()
    for target in ("download_raw", "release_job"):
        observatory.to_site.inject(Fault("delay", target=target, seconds=HANGING, times=ALWAYS))
    worker = observatory.start("attic")
    worker.wait_for(lambda: observatory.to_site.count("GET", "download_raw"), "no call")
    began = time.monotonic()
    assert worker.stop() == 0, worker.log
    assert time.monotonic() - began < 2 * SOON


def test_a_hanging_claim_does_not_delay_a_stop(observatory: Observatory) -> None:
    observatory.to_site.inject(Fault("delay", target="next_job", seconds=HANGING, times=ALWAYS))
    worker = observatory.start("attic")
    worker.wait_for(lambda: observatory.to_site.count("GET", "next_job"), "no call")
    began = time.monotonic()
    assert worker.stop() == 0, worker.log
    assert time.monotonic() - began < SOON


def test_a_hanging_upload_ends_with_the_grace_period(observatory: Observatory) -> None:
    job = observatory.add_job()
    observatory.to_share.inject(Fault("delay", method="PUT", seconds=HANGING, times=ALWAYS))
    worker = observatory.start("attic", SHUTDOWN_GRACE="3")
    worker.wait_for(lambda: observatory.to_share.count("PUT"), "no upload")
    began = time.monotonic()
    assert worker.stop() == 0, worker.log
    assert 2.0 < time.monotonic() - began < SOON
    row = observatory.rows.job(job)
    assert (row["status"], row["attempts"]) == ("pending", 0), worker.log
