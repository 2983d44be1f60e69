"""What the first signal means to a job in each stage."""

from __future__ import annotations

import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from crowdsky.base.errors import ShutdownError
from worker.job.stages import Stage
from worker.job.stopping import Errand, Stop, wait_awake


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_asks_to_stop_and_handlers_are_put_back(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    stop = Stop(grace_seconds=30.0)
    with stop.on_signals():
        assert not stop.requested
        assert stop.interrupt(Stage.STACK) is None
        os.kill(os.getpid(), number)
        assert stop.requested
    assert signal.getsignal(number) is before


def test_only_late_stages_get_the_grace_period() -> None:
    stop = Stop(grace_seconds=30.0)
    stop.request()
    late = (Stage.UPLOAD, Stage.COMPLETE)
    for stage in Stage:
        interrupted = isinstance(stop.interrupt(stage), ShutdownError)
        assert interrupted is (stage not in late), stage


def test_the_grace_period_ends() -> None:
    stop = Stop(grace_seconds=0.0)
    stop.request()
    assert isinstance(stop.interrupt(Stage.UPLOAD), ShutdownError)


def test_a_report_and_a_claim_are_given_some_seconds() -> None:
    stop = Stop(grace_seconds=0.0)
    stop.request()
    for errand in Errand:
        assert stop.interrupt(errand) is None, errand


def test_a_signal_that_does_not_wake_the_main_thread_is_noticed_all_the_same() -> None:
    """As one does that comes just as it falls asleep; here another thread takes it."""
    stop = Stop(grace_seconds=0.0)
    noticed = threading.Event()
    stop.request = noticed.set  # type: ignore[method-assign]

    def job() -> bool:
        time.sleep(0.5)  # by then the main thread waits
        signal.pthread_kill(threading.get_ident(), signal.SIGTERM)
        return noticed.wait(30.0)

    with stop.on_signals(), ThreadPoolExecutor(1) as pool:
        running = pool.submit(job)
        wait_awake({running})
    assert running.result()
