"""The order and pace in which waiting completions are tried; the site is a line that fails."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from crowdsky.net.connection import Api
from crowdsky.net.retry import TROUBLE_PAUSE_SECONDS
from tests.faults.matrix_cases import ALWAYS, BROKEN, DENIED
from tests.support.fault_proxy import Fault, FaultProxy
from tests.support.jobs import JOB
from worker.disk.journal import Journal
from worker.loop.courier import Courier

LEASE_SECONDS = 90.0


@pytest.fixture
def journal(tmp_path: Path, line: FaultProxy) -> Journal:
    """Two completions wait in it."""
    journal = Journal(tmp_path, line.url)
    for number in (12, 13):
        job = replace(JOB, job_id=number, lease_seconds=LEASE_SECONDS)
        entry = journal.write(job, {"job_id": number}, claimed_ago=1.0, lease_left=LEASE_SECONDS)
        assert entry is not None
        journal.leave(entry)
    return journal


def courier(line: FaultProxy, journal: Journal, *, stopping: bool = False) -> Courier:
    api = Api.connect(line.url, "some-key")
    return Courier(api, journal, lambda: stopping, chance=lambda: 1.0)


def tried(line: FaultProxy) -> list[str]:
    return [target.rsplit("/", 1)[1] for _, target in line.requests]


def test_a_site_out_of_reach_is_asked_once_a_round_and_each_completion_has_its_turn(
    line: FaultProxy, journal: Journal, caplog: pytest.LogCaptureFixture
) -> None:
    line.inject(Fault("answer", answer=b"", times=ALWAYS))
    one = courier(line, journal)
    assert [one.deliver() for _ in range(4)] == [LEASE_SECONDS / 3] * 4
    assert tried(line) == ["complete_job.php"] * 4
    waits = [record for record in caplog.records if "still waits" in record.getMessage()]
    assert len(waits) == 2, "each says once that it waits"


def test_a_lease_is_renewed_when_only_the_completion_fails(
    line: FaultProxy, journal: Journal
) -> None:
    line.inject(Fault("answer", answer=BROKEN, times=ALWAYS))
    assert courier(line, journal).deliver() == LEASE_SECONDS / 3
    assert tried(line) == ["complete_job.php", "heartbeat.php"] * 2


def test_a_refused_key_is_left_alone_for_minutes(line: FaultProxy, journal: Journal) -> None:
    line.inject(Fault("answer", answer=DENIED, times=ALWAYS))
    assert courier(line, journal).deliver() == TROUBLE_PAUSE_SECONDS[1]
    assert tried(line) == ["complete_job.php"]
    assert len(journal.waiting()) == 2


def test_a_worker_that_stops_does_not_go_on(line: FaultProxy, journal: Journal) -> None:
    line.inject(Fault("answer", answer=BROKEN, times=ALWAYS))
    courier(line, journal, stopping=True).deliver()
    assert tried(line).count("complete_job.php") <= 1


def test_without_anything_to_deliver_nobody_is_asked(tmp_path: Path, line: FaultProxy) -> None:
    courier(line, Journal(tmp_path / "empty", line.url)).deliver()
    assert line.requests == []
