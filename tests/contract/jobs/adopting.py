"""A site whose worker describes what it stores, so that a lost database can be rebuilt."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.contract.jobs.support import Queue, Worker
from tests.support.described import described, described_stack
from tests.support.rows import Rows
from tests.support.sites import SiteUnderTest

REPORT = {
    "n_frames_input": 3,
    "n_frames_aligned": 2,
    "total_exptime": 20.000000000000004,
    "date_obs_start": "2026-01-01T00:00:57.123",
    "date_obs_end": "2026-01-01T00:01:27.5",
    "ra_deg": 192.72000000000003,
    "dec_deg": 41.120000000000005,
    "n_stars_detected": 321,
    "engine": "native 0.2",
    "notes": ["a sub is unlike the others: 'M 94' & clouds", "Überbelichtet"],
}


@dataclass
class Observatory:
    """A site, the folder of its stacks, and a worker that describes what it stores."""

    site: SiteUnderTest
    root: Path
    scratch: Path
    queue: Queue
    worker: Worker

    @classmethod
    def of(cls, site: SiteUnderTest, root: Path | None, scratch: Path) -> Observatory:
        """Build one on a site that stores in ``root``, by default in its own folder."""
        worker = Worker(site, site.create_worker_key("w", trusted=True))
        folder = root or site.data_dir / "stacks"
        return cls(site, folder, scratch, Queue(site, site.rows), worker)

    @property
    def rows(self) -> Rows:
        """The site's database."""
        return self.site.rows

    def subs(self, lease: dict[str, Any]) -> list[str]:
        """Return the hashes of a job's subs."""
        job = lease["archive_facts"]["job_id"]
        rows = self.rows.all("SELECT sha256 FROM raw_files WHERE job_id = ?", job)
        return [row["sha256"] for row in rows]

    def store(self, lease: dict[str, Any], **changes: Any) -> dict[str, Any]:
        """Store a stack that says what it is, and return the fields of its completion."""
        report, facts = {**REPORT, **changes}, lease["archive_facts"]
        if lease["kind"] == "rescan":
            token = {"X-Lease-Token": lease["lease_token"]}
            archived = self.worker.get("job_stack", token, job_id=lease["job_id"]).content
            body = described(self.scratch / "rescanned.fits", archived, facts, report)
        else:
            archive = lease["archive_id"]
            body = described_stack(self.scratch, self.subs(lease), facts, report, ARCHID=archive)
        return {**self.worker.archive(lease, body), **report}

    def complete(self, **changes: Any) -> int:
        """Complete a new job and return its number."""
        job = self.queue.add_job(3, priority=9)
        lease = self.worker.claim()
        assert lease["job_id"] == job
        self.report(lease, **self.store(lease, **changes))
        return job

    def report(self, lease: dict[str, Any], **fields: Any) -> None:
        """Complete a job, which must be taken."""
        answer = self.worker.report("complete_job", lease, **fields)
        assert answer.status_code == 200, answer.text

    def leave(self) -> tuple[dict[str, Any], str]:
        """Let a run store its stack and go silent; return its lease and the path."""
        self.queue.add_job(3, priority=9)
        lease = self.worker.claim()
        return lease, self.store(lease)["ucloud_path"]

    def adopt(self, *arguments: str) -> list[str]:
        """Adopt, and return the lines of the report."""
        return self.site.cleanup("--adopt", *arguments).splitlines()

    def file(self, path: str) -> Path:
        """Return where a path of the storage is on disk."""
        return self.root / path.lstrip("/")

    def files(self) -> dict[Path, bytes]:
        """Return everything in the storage."""
        return {path: path.read_bytes() for path in self.root.rglob("*") if path.is_file()}
