"""One seed of the soak: real site, real share, several workers, and everything that can fail.

For some seconds requests are dropped, cut, delayed and corrupted between everybody, workers are
killed, stopped and frozen, site and share are killed and started again, owners upload, and the
operator backs up and cleans up. At three random moments the site is put to the test as a whole: an
older backup is restored, another site comes to the same share, and the clock jumps. Then the
weather clears, the queue runs empty, and soak_verdict.py looks at what is left.
"""

from __future__ import annotations

import random
import signal
import time
from contextlib import ExitStack
from pathlib import Path

from demo.loopback_server import ServiceError
from demo.services import WebDavServer
from tests.contract.jobs.support import Queue
from tests.faults.chaos import ChaosProxy
from tests.faults.quick_child import CRASHES
from tests.faults.soak_custody import Custody, Engine
from tests.faults.soak_findings import Findings, Plan
from tests.faults.soak_jobs import SoakJobs
from tests.faults.soak_verdict import Verdict
from tests.faults.soak_worker import SoakWorker
from tests.support.cleanups import clean_up
from tests.support.set_clock import SetClock

LEASE_SECONDS = 3
SETTLE_SECONDS = 300.0
PAUSES = (0.1, 0.8)
"""Shortest and longest time between two blows."""

SHARE_OF_FAULTY_REQUESTS = 0.15
SHARE_OF_CRASHING_CHILDREN = 0.08


class Soak:
    """Everything of one seed."""

    def __init__(self, plan: Plan, folder: Path, engine: Engine) -> None:
        self._plan = plan
        self._folder = folder
        self._engine = engine
        self._rng = random.Random(plan.seed)
        self.findings = Findings(plan.seed)

    def run(self) -> Findings:
        """Storm, settle, look; every process that was started is gone afterwards."""
        began = time.monotonic()
        with ExitStack() as running:
            self._set_up(running)
            self._storm()
            self._settle()
            for worker in self._workers:
                worker.ask_to_end()
            for worker in self._workers:
                if worker.end() is None:
                    self._complain(f"{worker.folder.name} did not stop when it was told to")
            self._verdict().run()
        self.findings.seconds = time.monotonic() - began
        return self.findings

    def _set_up(self, running: ExitStack) -> None:
        self._share = running.enter_context(WebDavServer(self._folder / "share"))
        self._storage_line = running.enter_context(self._line(self._share.url))
        self._share_line = running.enter_context(self._line(self._share.url))
        clock = SetClock(self._folder / "clock")
        settings = {**self._env(), **clock.for_php}
        site = self._engine.new_site(0, self._folder / "site", settings)
        self._site = running.enter_context(site)
        self._site_line = running.enter_context(self._line(self._site.api_url))
        self._rows = site.rows
        self._custody = Custody(
            self._site,
            self._share,
            self._folder / "custody",
            clock,
            self._engine,
            random.Random(self._rng.getrandbits(64)),
            self._complain,
        )
        queue = Queue(self._site, self._rows)
        self._jobs = SoakJobs(queue, self._rng, self._plan.frames, self._complain)
        while len(self._jobs) < self._plan.jobs * 2 // 3:
            self._jobs.add()
        self._workers = [self._worker(number) for number in range(self._plan.workers)]
        self._custody.back_up()
        for worker in self._workers:
            running.callback(worker.end)
            worker.start()

    def _line(self, upstream: str) -> ChaosProxy:
        """A line that can fail; delays outlast a lease, so that answers come too late."""
        return ChaosProxy(upstream, random.Random(self._rng.getrandbits(64)), LEASE_SECONDS * 1.5)

    def _env(self) -> dict[str, str]:
        return {
            "CROWDSKY_STORAGE": "webdav",
            "CROWDSKY_WEBDAV_URL": self._storage_line.url,
            "CROWDSKY_WEBDAV_TOKEN": self._share.token,
            "CROWDSKY_LEASE_SECONDS": str(LEASE_SECONDS),
            "CROWDSKY_RETRY_BACKOFF_SECONDS": "1",
            "CROWDSKY_RAW_GRACE_HOURS": "0",
            "CROWDSKY_ORPHAN_MIN_AGE_HOURS": "0",
        }

    def _worker(self, number: int) -> SoakWorker:
        name = f"worker-{number}"
        # Every other worker sends its results through the site, as a volunteer's does.
        share = {"UCLOUD_WEBDAV_URL": self._share_line.url, "UCLOUD_SHARE_TOKEN": self._share.token}
        return SoakWorker(
            self._folder / name,
            {
                "API_BASE_URL": self._site_line.url,
                "WORKER_API_KEY": self._site.create_worker_key(name),
                "WORKER_ID": name,
                "WORK_DIR": str(self._folder / name / "scratch"),
                "POLL_INTERVAL": "1",
                "MAX_WORKERS": "1",
                "SHUTDOWN_GRACE": "5",
                CRASHES: str(SHARE_OF_CRASHING_CHILDREN),
                **(share if number % 2 == 0 else {}),
            },
        )

    def _storm(self) -> None:
        """Strike at random until the time is over; stop early when nothing is left to disturb."""
        moves = list(self._plan.moves)
        self._rng.shuffle(moves)
        begin = time.monotonic()
        end = begin + self._plan.storm_seconds
        due = sorted(self._rng.uniform(begin, end) for _ in moves)
        self._let_requests_fail(SHARE_OF_FAULTY_REQUESTS)
        while time.monotonic() < end and (self._jobs.unfinished() or self._jobs_to_come()):
            if due and time.monotonic() > due[0]:
                due.pop(0)
                took = self._move(moves.pop())
                # The weather was good meanwhile.
                end, due = end + took, [moment + took for moment in due]
                continue
            time.sleep(self._rng.uniform(*PAUSES))
            blow = self._rng.choice(BLOWS)
            self.findings.injected[blow] += 1
            getattr(self, f"_{blow}")(self._rng.choice(self._workers))
        while self._jobs_to_come():
            self._jobs.add()
        while moves:
            self._move(moves.pop())
        self._let_requests_fail(0.0)

    def _jobs_to_come(self) -> bool:
        return len(self._jobs) < self._plan.jobs

    def _move(self, move: str) -> float:
        """Do something to the site as a whole; an operator waits for an outage to end first.

        Returns the seconds that it took.
        """
        begin = time.monotonic()
        self.findings.moves[move] += 1
        self._let_requests_fail(0.0)
        getattr(self._custody, move)()
        self._jobs.look_again(self._custody.confirmed_jobs)
        self._let_requests_fail(SHARE_OF_FAULTY_REQUESTS)
        return time.monotonic() - begin

    def _kill_worker(self, worker: SoakWorker) -> None:
        worker.signal(signal.SIGCONT)
        worker.signal(signal.SIGKILL)
        time.sleep(0.1)
        worker.start()

    def _stop_worker(self, worker: SoakWorker) -> None:
        """As an update does; the second signal of an impatient person included now and then."""
        worker.signal(signal.SIGCONT)
        worker.signal(signal.SIGTERM)
        if self._rng.random() < 0.3:
            time.sleep(0.2)
            worker.signal(signal.SIGTERM)

    def _freeze_worker(self, worker: SoakWorker) -> None:
        """As a laptop that is closed; the next blow may come before it is opened again."""
        worker.signal(signal.SIGSTOP)
        if self._rng.random() < 0.7:
            time.sleep(self._rng.uniform(0.0, LEASE_SECONDS * 1.2))
            worker.signal(signal.SIGCONT)

    def _kill_site(self, _: SoakWorker) -> None:
        self._site.kill()
        time.sleep(self._rng.uniform(0.0, 1.0))
        self._site.start()

    def _kill_share(self, _: SoakWorker) -> None:
        self._share.kill()
        time.sleep(self._rng.uniform(0.0, 1.0))
        self._share.start()

    def _clean_up(self, _: SoakWorker) -> None:
        # Its exit code says that a stack could not be read, which is what the storm is for, or on
        # a slow machine that the database had others to serve.
        try:
            clean_up(self._site)
        except ServiceError as error:
            if not any(words in str(error) for words in ("NOT verified", "try again shortly")):
                self._complain(f"cleanup: {error}")

    def _back_up(self, _: SoakWorker) -> None:
        self._custody.back_up()

    def _upload(self, _: SoakWorker) -> None:
        if self._jobs_to_come():
            self._jobs.add()

    def _start_workers(self, _: SoakWorker) -> None:
        for worker in self._workers:
            worker.signal(signal.SIGCONT)
            worker.start()

    def _let_requests_fail(self, chance: float) -> None:
        for line in (self._site_line, self._share_line, self._storage_line):
            line.chance = chance

    def _settle(self) -> None:
        """Wait in good weather until every job has ended."""
        end = time.monotonic() + SETTLE_SECONDS
        while self._jobs.unfinished() and time.monotonic() < end:
            self._start_workers(self._workers[0])
            # Waiting out the backoff of many failures would take minutes.
            self._rows.execute(
                "UPDATE stacking_jobs SET not_before = 0 WHERE status = 'retry' AND not_before > 0"
            )
            time.sleep(0.5)
        for line in (self._site_line, self._share_line, self._storage_line):
            self.findings.injected += line.injected

    def _verdict(self) -> Verdict:
        return Verdict(
            self._site,
            self._share,
            self._workers,
            self._jobs,
            self._custody,
            self.findings,
        )

    def _complain(self, sentence: str) -> None:
        self.findings.complaints.append(sentence)


BLOWS = (
    *["kill_worker"] * 5,
    *["stop_worker"] * 2,
    *["freeze_worker"] * 2,
    *["kill_site"] * 2,
    *["kill_share"] * 1,
    *["clean_up"] * 3,
    *["start_workers"] * 4,
    *["back_up"] * 1,
    *["upload"] * 3,
)
