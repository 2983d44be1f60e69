"""One seed of the soak: real site, real share, several workers, and everything that can fail.

For some seconds requests are dropped, cut, delayed and corrupted between everybody, workers are
killed, stopped and frozen, site and share are killed and started again, and the operator cleans
up. Then the weather clears, the queue runs empty, and what is left is compared with what must be:

- each job is completed exactly once, or failed with a reason;
- the stack of a completed job is in the storage and was made of exactly its raws;
- no raw is gone unless its job is completed and its stack is there;
- a search for orphans removes every file that no job refers to, and nothing else, except pictures
  under final names without a stack there, which are nobody's;
- the site has logged no mistake of its own.
"""

from __future__ import annotations

import hashlib
import json
import random
import signal
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from demo.loopback_server import ServiceError
from demo.services import Database, WebDavServer
from tests.contract.jobs.support import Queue
from tests.faults.chaos import ChaosProxy
from tests.faults.quick_child import CRASHES, is_made_of
from tests.faults.soak_worker import SoakWorker
from tests.support.cleanups import clean_up
from tests.support.sites import SiteUnderTest
from worker.disk.workspace import sweep

LEASE_SECONDS = 3
MAX_ATTEMPTS = 5
RAW_BYTES = 20_000
SETTLE_SECONDS = 300.0
PAUSES = (0.1, 0.8)
"""Shortest and longest time between two blows."""

SHARE_OF_FAULTY_REQUESTS = 0.15
SHARE_OF_CRASHING_CHILDREN = 0.08


@dataclass(frozen=True)
class Plan:
    """How large one seed is."""

    seed: int
    jobs: int = 12
    frames: int = 3
    workers: int = 3
    storm_seconds: float = 10.0


@dataclass
class Findings:
    """What one seed did and what is wrong afterwards."""

    seed: int
    completed: int = 0
    failed: int = 0
    attempts: int = 0
    orphans: int = 0
    raws_deleted: int = 0
    delivered_late: int = 0
    seconds: float = 0.0
    injected: Counter[str] = field(default_factory=Counter)
    complaints: list[str] = field(default_factory=list)


class Soak:
    """Everything of one seed."""

    def __init__(self, plan: Plan, folder: Path, database: Database | None) -> None:
        self._plan = plan
        self._folder = folder
        self._database = database
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
                if worker.end() is None:
                    self._complain(f"{worker.folder.name} did not stop when it was told to")
            self._look()
        self.findings.seconds = time.monotonic() - began
        return self.findings

    def _set_up(self, running: ExitStack) -> None:
        self._share = running.enter_context(WebDavServer(self._folder / "share"))
        self._storage_line = running.enter_context(self._line(self._share.url))
        self._share_line = running.enter_context(self._line(self._share.url))
        site = SiteUnderTest(self._folder / "site", self._database, self._env())
        self._site = running.enter_context(site)
        self._site_line = running.enter_context(self._line(self._site.api_url))
        self._rows = site.rows
        self._jobs = self._add_jobs(Queue(self._site, self._rows))
        self._workers = [self._worker(number) for number in range(self._plan.workers)]
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

    def _add_jobs(self, queue: Queue) -> dict[int, list[Path]]:
        """Queue the jobs; returns the raws of each on the site's disk."""
        jobs = {}
        for _ in range(self._plan.jobs):
            job = queue.add_job(
                frames=0, frame_count=self._plan.frames, max_attempts=MAX_ATTEMPTS, total_bytes=1
            )
            session = queue.add_session()
            for number in range(self._plan.frames):
                body = self._rng.randbytes(RAW_BYTES)
                queue.add_raw(session, job, f"Light_{number}.fit", body, number)
            jobs[job] = queue.raw_paths(job)
        return jobs

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
        self._let_requests_fail(SHARE_OF_FAULTY_REQUESTS)
        end = time.monotonic() + self._plan.storm_seconds
        while time.monotonic() < end and self._unfinished():
            time.sleep(self._rng.uniform(*PAUSES))
            blow = self._rng.choice(BLOWS)
            self.findings.injected[blow] += 1
            getattr(self, f"_{blow}")(self._rng.choice(self._workers))
        self._let_requests_fail(0.0)

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
        while self._unfinished() and time.monotonic() < end:
            self._start_workers(self._workers[0])
            # Waiting out the backoff of many failures would take minutes.
            self._rows.execute(
                "UPDATE stacking_jobs SET not_before = 0 WHERE status = 'retry' AND not_before > 0"
            )
            time.sleep(0.5)
        for line in (self._site_line, self._share_line, self._storage_line):
            self.findings.injected += line.injected

    def _unfinished(self) -> int:
        sql = "SELECT id FROM stacking_jobs WHERE status NOT IN ('completed', 'failed')"
        return len(self._rows.all(sql))

    def _look(self) -> None:
        named = set()
        for job, raws in self._jobs.items():
            row = self._rows.job(job)
            self.findings.attempts += row["attempts"]
            if row["status"] == "completed":
                self.findings.completed += 1
                named |= set(self._look_at_stack(job))
            elif row["status"] == "failed":
                self.findings.failed += 1
                if not row["error_message"]:
                    self._complain(f"job {job} failed without a reason")
            else:
                self._complain(f"job {job} is still {row['status']}")
            self._look_at_raws(job, row["status"], raws)
        self.findings.orphans = len(self._stored() - named)
        self._look_at_log()
        self._site.cleanup("--orphans", "--delete")
        left, gone = self._stored() - named, named - self._stored()
        left = {path for path in left if path.suffix == ".fits" or ".a" in path.name}
        if left or gone:
            self._complain(
                f"after a search for orphans {len(left)} are left"
                f" and {len(gone)} archived files are gone"
            )

    def _stored(self) -> set[Path]:
        folder = self._share.root / "crowdsky" / "stacks"
        return {path for path in folder.rglob("*") if path.is_file()}

    def _look_at_stack(self, job: int) -> Iterator[Path]:
        """Compare the archived stack with what the raws must give."""
        stacks = self._rows.all("SELECT * FROM stacked_frames WHERE job_id = ?", job)
        ended = self._rows.events(job).count("completed")
        if len(stacks) != 1 or ended != 1:
            self._complain(f"job {job} has {len(stacks)} stacks and was completed {ended} times")
            return
        path = self._share.root / stacks[0]["ucloud_path"].lstrip("/")
        yield path
        if stacks[0]["thumbnail_path"]:
            yield self._share.root / stacks[0]["thumbnail_path"].lstrip("/")
        body = path.read_bytes() if path.exists() else b""
        if hashlib.sha256(body).hexdigest() != stacks[0]["sha256"]:
            self._complain(f"the stack of job {job} is not what was verified: {len(body)} bytes")
        frames = self._rows.all(
            "SELECT sha256 FROM raw_files WHERE job_id = ? ORDER BY fits_date_obs, id", job
        )
        archive = self._rows.one("SELECT archive_id FROM archive_ids")["archive_id"]
        if not is_made_of(body, (frame["sha256"] for frame in frames), archive):
            self._complain(f"the stack of job {job} was not made of its raws")

    def _look_at_raws(self, job: int, status: str, raws: list[Path]) -> None:
        kept = {path for path in raws if path.exists()}
        self.findings.raws_deleted += len(raws) - len(kept)
        if status != "completed" and len(kept) < len(raws):
            self._complain(f"job {job} is {status} and {len(raws) - len(kept)} raws are gone")
        hashes = {row["sha256"] for row in self._rows.all("SELECT sha256 FROM raw_files")}
        for path in kept:
            if hashlib.sha256(path.read_bytes()).hexdigest() not in hashes:
                self._complain(f"a raw of job {job} has changed")

    def _look_at_log(self) -> None:
        log = self._site.data_dir / "log" / "crowdsky.log"
        for line in log.read_text().splitlines() if log.exists() else []:
            if " ERROR " in line and "cleanup, job" not in line:
                self._complain(f"the site logged: {line[:400]}")
        for worker in self._workers:
            text = (worker.folder / "worker.log").read_text()
            if "Traceback" in text:
                where = text.index("Traceback")
                self._complain(f"{worker.folder.name} logged: {text[where : where + 1500]}")
            self.findings.delivered_late += text.count("was delivered")
            self._look_at_journal(worker)
            sweep(worker.folder / "scratch")
            if list((worker.folder / "scratch").glob("run-*")):
                self._complain(f"{worker.folder.name} left what its next start cannot sweep")

    def _look_at_journal(self, worker: SoakWorker) -> None:
        """What waits there is whole and private, however its worker ended."""
        for entry in (worker.folder / "scratch" / "journal").glob("job-*.json"):
            if entry.stat().st_mode & 0o077 or "lease_token" not in json.loads(entry.read_text()):
                self._complain(f"{worker.folder.name} left a bad completion: {entry.name}")

    def _complain(self, sentence: str) -> None:
        self.findings.complaints.append(sentence)


BLOWS = (
    *["kill_worker"] * 5,
    *["stop_worker"] * 2,
    *["freeze_worker"] * 2,
    *["kill_site"] * 2,
    *["kill_share"] * 1,
    *["clean_up"] * 2,
    *["start_workers"] * 4,
)
