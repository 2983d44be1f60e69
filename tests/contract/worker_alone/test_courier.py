"""The order and pace in which waiting completions are tried; the site is a proxy that fails."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from crowdsky.net.connection import Api
from crowdsky.net.retry import TROUBLE_PAUSE_SECONDS
from tests.faults.answers import BROKEN, DENIED
from tests.faults.matrix_cases import ALWAYS
from tests.support.fault_proxy import Fault, FaultProxy
from tests.support.jobs import JOB
from worker.disk.journal import Journal
from worker.loop.courier import Courier

LEASE_SECONDS = 90.0


@pytest.fixture
def journal(tmp_path: Path, proxy: FaultProxy) -> Journal:
    """Two completions wait in it."""
    journal = Journal(tmp_path, proxy.url)
    for number in (12, 13):
        job = replace(JOB, job_id=number, lease_seconds=LEASE_SECONDS)
        entry = journal.write(job, {"job_id": number}, claimed_ago=1.0, lease_left=LEASE_SECONDS)
        assert entry is not None
        journal.leave(entry)
    return journal


def courier(proxy: FaultProxy, journal: Journal, *, stopping: bool = False) -> Courier:
    api = Api.connect(proxy.url, "some-key")
    return Courier(api, journal, lambda: stopping, chance=lambda: 1.0)


def tried(proxy: FaultProxy) -> list[str]:
    return [target.rsplit("/", 1)[1] for _, target in proxy.requests]


def test_a_site_out_of_reach_is_asked_once_a_round_and_each_completion_has_its_turn(
    proxy: FaultProxy, journal: Journal, caplog: pytest.LogCaptureFixture
) -> None:
    proxy.inject(Fault("answer", answer=b"", times=ALWAYS))
    one = courier(proxy, journal)
    assert [one.deliver() for _ in range(4)] == [LEASE_SECONDS / 3] * 4
    assert tried(proxy) == ["complete_job.php"] * 4
    waits = [record for record in caplog.records if "still waits" in record.getMessage()]
    assert len(waits) == 2, "each says once that it waits"


def test_a_lease_is_renewed_when_only_the_completion_fails(
    proxy: FaultProxy, journal: Journal
) -> None:
    proxy.inject(Fault("answer", answer=BROKEN, times=ALWAYS))
    assert courier(proxy, journal).deliver() == LEASE_SECONDS / 3
    assert tried(proxy) == ["complete_job.php", "heartbeat.php"] * 2


def test_a_refused_key_is_left_alone_for_minutes(proxy: FaultProxy, journal: Journal) -> None:
    proxy.inject(Fault("answer", answer=DENIED, times=ALWAYS))
    assert courier(proxy, journal).deliver() == TROUBLE_PAUSE_SECONDS[1]
    assert tried(proxy) == ["complete_job.php"]
    assert len(journal.waiting()) == 2


def test_a_worker_that_stops_does_not_go_on(proxy: FaultProxy, journal: Journal) -> None:
    proxy.inject(Fault("answer", answer=BROKEN, times=ALWAYS))
    courier(proxy, journal, stopping=True).deliver()
    assert tried(proxy).count("complete_job.php") <= 1


def test_without_anything_to_deliver_the_site_is_not_asked(
    tmp_path: Path, proxy: FaultProxy
) -> None:
    courier(proxy, Journal(tmp_path / "empty", proxy.url)).deliver()
    assert proxy.requests == []
