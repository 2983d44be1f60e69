"""What is left after one seed of the soak, compared with what must be.

- Each job is completed exactly once, or failed with a reason.
- The stack of a completed job is in the storage and was made of exactly its raws.
- Every stack that was ever confirmed is in the storage as it was confirmed.
- No raw is gone unless its job is completed and its stack is there.
- A search for orphans removes every file that no job refers to, and nothing else, except pictures
  under final names without a stack there, which are nobody's, and what a restored database cannot
  know to be its own.
- The site has logged no mistake of its own.
- A lost database is rebuilt from the storage, and reads the same.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from demo.services import WebDavServer
from tests.faults.quick_child import is_made_of
from tests.faults.soak_custody import Custody
from tests.faults.soak_findings import Findings
from tests.faults.soak_jobs import SoakJobs
from tests.faults.soak_worker import SoakWorker
from tests.support.cleanups import clean_up
from tests.support.described import archive_of, lose_database
from tests.support.sites import SiteUnderTest
from worker.disk.workspace import sweep

FILES = (
    "ucloud_path",
    "thumbnail_path",
    "overlay_path",
    "stars_path",
    "picture_path",
    "full_path",
    "preview_path",
)
CLAIM = (
    "SELECT id FROM job_events WHERE job_id = ? AND detail = ? AND event = 'claimed'"
    " AND at > (SELECT created_at FROM archive_ids WHERE is_current = 1)"
)
AGAIN = "revived"
"""A cleanup that could not read a stack in the storm lets its job run again."""

ENDS = {"completed", "adopted"}
EXPECTED_ERRORS = (
    "cleanup, job",
    "custody: ",
    "cleanup: nothing is deleted by its age",
    "site.php",
)
"""What the site may log as an error in the storm: what it has to tell its operator."""


class Verdict:
    """Looks at everything once the workers have ended.

    Args:
        site, share, workers: the service.
        jobs: what must have been stacked.
        custody: what was ever confirmed.
        findings: takes counts and complaints.
    """

    def __init__(
        self,
        site: SiteUnderTest,
        share: WebDavServer,
        workers: Sequence[SoakWorker],
        jobs: SoakJobs,
        custody: Custody,
        findings: Findings,
    ) -> None:
        self._site = site
        self._rows = site.rows
        self._share = share
        self._workers = workers
        self._jobs = jobs
        self._custody = custody
        self._findings = findings

    def run(self) -> None:
        """Look at everything; the database is lost and rebuilt at the end."""
        self._custody.settle_doubt()
        self._site.cleanup("--adopt")
        clean_up(self._site)
        self._custody.remember()
        for job in self._jobs.known:
            self._look_at_job(job)
        self._look_at_forgotten()
        self._look_at_log()
        for worker in self._workers:
            self._look_at_worker(worker)
        self._look_for_orphans()
        self._custody.check()
        self._rebuild()
        self._custody.check()
        self._findings.forgotten = len(self._jobs.forgotten)
        self._findings.confirmed = len(self._custody.confirmed)

    def _look_at_job(self, job: int) -> None:
        row = self._rows.job(job)
        self._findings.attempts += row["attempts"]
        if row["status"] == "completed":
            self._findings.completed += 1
            self._look_at_stack(job)
        elif row["status"] == "failed":
            self._findings.failed += 1
            if not row["error_message"]:
                self._complain(f"job {job} failed without a reason")
        else:
            self._complain(f"job {job} is still {row['status']}")
        if job in self._custody.confirmed_jobs and row["status"] != "completed":
            self._complain(f"job {job} had a confirmed stack and is {row['status']}")
        self._look_at_raws(job, row["status"])

    def _look_at_stack(self, job: int) -> None:
        """Compare the archived stack with what the raws must give."""
        stacks = self._rows.all("SELECT * FROM stacked_frames WHERE job_id = ?", job)
        events = self._rows.events(job)
        ran = events.count("completed") - events.count(AGAIN)
        if len(stacks) != 1 or ran > 1 or not set(events) & ENDS:
            self._complain(f"job {job} has {len(stacks)} stacks after {events}")
            return
        body = self._body(stacks[0]["ucloud_path"])
        if hashlib.sha256(body).hexdigest() != stacks[0]["sha256"]:
            self._complain(f"the stack of job {job} is not what was verified: {len(body)} bytes")
        if not self._is_made_of_its_raws(body, job):
            self._complain(f"the stack of job {job} was not made of its raws")

    def _is_made_of_its_raws(self, body: bytes, job: int) -> bool:
        hashes = self._jobs.known[job].hashes
        return any(is_made_of(body, hashes, archive) for archive in self._custody.archives)

    def _body(self, path: str) -> bytes:
        file = self._share.root / path.lstrip("/")
        return file.read_bytes() if file.exists() else b""

    def _look_at_raws(self, job: int, status: str) -> None:
        upload = self._jobs.known[job]
        kept = {path for path in upload.raws if path.exists()}
        gone = len(upload.raws) - len(kept)
        self._findings.raws_deleted += gone
        if status != "completed" and gone:
            self._complain(f"job {job} is {status} and {gone} raws are gone")
        for path in kept:
            if hashlib.sha256(path.read_bytes()).hexdigest() not in upload.hashes:
                self._complain(f"a raw of job {job} has changed")

    def _look_at_forgotten(self) -> None:
        """The raws of jobs that a restored database does not know are all that is left of them."""
        for upload in self._jobs.forgotten:
            gone = [path for path in upload.raws if not path.exists()]
            if gone:
                self._complain(f"{len(gone)} raws of a job that a restore forgot are gone")

    def _look_at_log(self) -> None:
        log = self._site.data_dir / "log" / "crowdsky.log"
        for line in log.read_text().splitlines() if log.exists() else []:
            if " ERROR " in line and not any(words in line for words in EXPECTED_ERRORS):
                self._complain(f"the site logged: {line[:400]}")

    def _look_at_worker(self, worker: SoakWorker) -> None:
        text = (worker.folder / "worker.log").read_text()
        if "Traceback" in text:
            where = text.index("Traceback")
            self._complain(f"{worker.folder.name} logged: {text[where : where + 1500]}")
        self._findings.delivered_late += text.count("was delivered")
        self._look_at_journal(worker)
        sweep(worker.folder / "scratch")
        if list((worker.folder / "scratch").glob("run-*")):
            self._complain(f"{worker.folder.name} left what its next start cannot sweep")

    def _look_at_journal(self, worker: SoakWorker) -> None:
        """What waits there is whole and private, however its worker ended."""
        for entry in (worker.folder / "scratch" / "journal").glob("job-*.json"):
            if entry.stat().st_mode & 0o077 or "lease_token" not in json.loads(entry.read_text()):
                self._complain(f"{worker.folder.name} left a bad completion: {entry.name}")

    def _look_for_orphans(self) -> None:
        archived = set(self._archived())
        self._findings.orphans = len(self._stored() - archived)
        clean_up(self._site, "--orphans", "--delete")
        left, gone = self._stored() - archived, archived - self._stored()
        if gone:
            self._complain(f"a search for orphans has removed archived files: {gone}")
        known = [path.name for path in left if self._is_known(path)]
        if known:
            self._complain(f"after a search for orphans {len(known)} are left: {known}")

    def _is_known(self, path: Path) -> bool:
        """Whether a run has left the file that was claimed since a backup was last restored."""
        name = re.search(r"_([0-9]+)\.(a[0-9]+-[0-9a-f]{8})\.", path.name)
        confirmed = {self._share.root / each.lstrip("/") for each in self._custody.confirmed}
        if name is None or path in confirmed:
            return False
        claims = self._rows.all(CLAIM, int(name[1]), name[2])
        return bool(claims)

    def _archived(self) -> Iterator[Path]:
        for row in self._rows.all(f"SELECT {', '.join(FILES)} FROM stacked_frames"):  # noqa: S608
            for path in row.values():
                if path is not None:
                    yield self._share.root / path.lstrip("/")

    def _stored(self) -> set[Path]:
        folder = self._share.root / "crowdsky" / "stacks"
        return {path for path in folder.rglob("*") if path.is_file()}

    def _rebuild(self) -> None:
        """Lose the database and read it back from the storage."""
        before = archive_of(self._rows)
        lose_database(self._rows, knows_its_id=False)
        self._custody.take_over(self._site)
        said = self._site.cleanup("--adopt")
        after = archive_of(self._rows)
        self._findings.rebuilt = len(after["stacked_frames"])
        for row in before["stacked_frames"]:
            self._look_at_rebuilt(row, after["stacked_frames"], said)
        both = {row["ucloud_path"] for row in before["stacked_frames"]}
        both &= {row["ucloud_path"] for row in after["stacked_frames"]}
        paths = {row["job_id"] for row in after["stacked_frames"] if row["ucloud_path"] in both}
        for table in ("stack_solutions", "stack_objects"):
            rows = [
                [row for row in archive[table] if row.get("job_id") in paths | {None}]
                for archive in (before, after)
            ]
            if rows[0] != rows[1]:
                self._complain(f"{table} reads otherwise after the database was rebuilt")

    def _look_at_rebuilt(
        self, row: dict[str, Any], rebuilt: Sequence[dict[str, Any]], said: str
    ) -> None:
        """Each stack has its row again, or another one of the same raws has its place."""
        job = row["job_id"]
        again = [other for other in rebuilt if other["job_id"] == job]
        if len(again) != 1:
            self._complain(f"job {job} has {len(again)} stacks after the rebuilding: {said}")
        elif again[0]["ucloud_path"] == row["ucloud_path"]:
            unlike = {name for name in row if row[name] != again[0][name]}
            if unlike:
                values = {name: (row[name], again[0][name]) for name in unlike}
                self._complain(f"job {job} reads otherwise after the rebuilding: {values}")
        elif job in self._jobs.known and not self._is_made_of_its_raws(
            self._body(again[0]["ucloud_path"]), job
        ):
            self._complain(f"job {job} has the stack of other raws after the rebuilding")

    def _complain(self, sentence: str) -> None:
        self._findings.complaints.append(sentence)
