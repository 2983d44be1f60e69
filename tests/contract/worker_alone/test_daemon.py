"""What the loop makes of answers that no site should give to a claim."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from crowdsky.base.errors import AccessDeniedError
from crowdsky.base.exit_codes import EXIT_NO_JOB
from crowdsky.base.metrics import Pulse
from crowdsky.net.retry import TROUBLE_PAUSE_SECONDS
from tests.faults.answers import DENIED, says
from tests.faults.matrix_cases import ALWAYS
from tests.support.fault_proxy import Fault, FaultProxy
from tests.support.jobs import JOB
from worker.config import Machine, Settings, load_settings
from worker.job.stopping import Stop
from worker.job.workbench import open_workbench
from worker.loop.daemon import Daemon, run_once
from worker.site.orders import CALIBRATE, STACK, UPLOADED, WITHOUT_STACK

GATEWAY = (
    b"HTTP/1.1 404 Not Found\r\nContent-Type: application/json\r\nContent-Length: 23\r\n"
    b'Connection: close\r\n\r\n{"message":"Not Found"}'
)
NO_WORK = b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"
REFUSALS = {
    "404": GATEWAY,
    "409": says("409 Conflict", "lease_lost"),
    "410": says("410 Gone", "not_found"),
    "400": says("400 Bad Request", "bad_request"),
    "422": says("422 Unprocessable Content", "invalid"),
    "413": says("413 Content Too Large", "too_large"),
    "415": says("415 Unsupported Media Type", "type"),
    "507": says("507 Insufficient Storage", "full"),
}
MACHINE = Machine(cores=1, memory_mb=16_000)


@pytest.fixture
def settings(proxy: FaultProxy, tmp_path: Path) -> Settings:
    """Those of a small worker behind the proxy."""
    given = {
        "API_BASE_URL": proxy.url,
        "WORKER_API_KEY": "some-key",
        "WORK_DIR": str(tmp_path / "scratch"),
        "INDEX_DIR": str(tmp_path),
        "MIN_FREE_MB": "1",
        "JOB_MEMORY_MB": "600",
    }
    return load_settings(given, None, MACHINE)


def pauses(settings: Settings, claims: int) -> list[float]:
    """How long a daemon would wait after each of its first claims."""
    with open_workbench(settings, MACHINE) as bench, ThreadPoolExecutor(1) as pool:
        daemon = Daemon(bench, settings, Stop(0.0), Pulse())
        return [daemon._claim(pool) for _ in range(claims)]


@pytest.mark.parametrize("known", ["stack, rescan", "stack, rescan, uploaded"])
def test_a_site_that_knows_fewer_kinds_is_asked_for_those_that_it_lists(
    proxy: FaultProxy, settings: Settings, known: str
) -> None:
    # Without a catalogue, calibrations are left to others from the start.
    others = [kind for kind in WITHOUT_STACK if kind != CALIBRATE]
    older = f"'kinds' must be a list of {known} with commas between"
    refusal = says("400 Bad Request", "bad_request", error=older)
    proxy.inject(Fault("answer", target="next_job", answer=refusal))
    proxy.inject(Fault("answer", target="next_job", answer=NO_WORK, times=2))

    waits = pauses(settings, 2)

    assert max(waits) < TROUBLE_PAUSE_SECONDS[0]
    asked = [target for _, target in proxy.requests if "next_job" in target]
    kinds = [parse_qs(urlsplit(target).query)["kinds"][0].split(",") for target in asked]
    assert kinds[0] == [STACK, UPLOADED, *others]
    assert kinds[1:] == [[kind for kind in (STACK, UPLOADED) if kind in known]] * 2


@pytest.mark.parametrize("status", REFUSALS)
def test_an_answer_out_of_place_only_pauses_the_daemon(
    proxy: FaultProxy, settings: Settings, caplog: pytest.LogCaptureFixture, status: str
) -> None:
    proxy.inject(Fault("answer", target="next_job", answer=REFUSALS[status]))
    proxy.inject(Fault("answer", target="next_job", answer=NO_WORK))
    after_refusal, after_no_work = pauses(settings, 2)
    shortest, longest = TROUBLE_PAUSE_SECONDS
    assert shortest <= after_refusal <= longest
    assert after_no_work < shortest
    [message] = [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]
    assert "could not ask for work" in message
    assert status in message


@pytest.mark.parametrize("status", REFUSALS)
def test_an_answer_out_of_place_is_exit_code_1_of_once(
    proxy: FaultProxy, settings: Settings, caplog: pytest.LogCaptureFixture, status: str
) -> None:
    proxy.inject(Fault("answer", target="next_job", answer=REFUSALS[status]))
    assert run_once(settings) == EXIT_NO_JOB
    assert status in caplog.text


def test_a_key_that_is_refused_at_the_first_claim_still_ends_the_worker(
    proxy: FaultProxy, settings: Settings
) -> None:
    proxy.inject(Fault("answer", target="next_job", answer=GATEWAY))
    proxy.inject(Fault("answer", target="next_job", answer=DENIED, times=ALWAYS))
    with pytest.raises(AccessDeniedError):
        pauses(settings, 2)
    with pytest.raises(AccessDeniedError):
        run_once(settings)


def test_the_journal_knows_completions_by_the_workers_key(settings: Settings) -> None:
    with open_workbench(settings, MACHINE) as bench:
        entry = bench.workspace.journal.write(JOB, {}, claimed_ago=1.0, lease_left=1.0)
    other = replace(settings, worker_api_key="another-key")
    for changed, expected in ((other, ()), (settings, (entry,))):
        with open_workbench(changed, MACHINE) as bench:
            assert bench.workspace.journal.waiting() == expected
