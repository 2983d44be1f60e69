"""An archive on one of the storages, beside the database that refers to it."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from demo.services import Site
from tests.contract.jobs.support import PNG, Queue, Worker, stack_file
from tests.support.rows import Rows

NOW = time.time()


DAYS_AGO = NOW - 3 * 86400


@dataclass(frozen=True)
class Archive:
    """A site, the folder in which its stacks end, and a worker."""

    site: Site
    root: Path
    rows: Rows
    queue: Queue
    worker: Worker

    def complete(self) -> tuple[int, Path]:
        """Complete a job; return it and the file of its stack."""
        job = self.queue.add_job()
        lease = self.worker.claim()
        assert lease["job_id"] == job
        report = self.worker.archive(lease)
        assert self.worker.report("complete_job", lease, **report).status_code == 200
        return job, self.file(report["ucloud_path"])

    def leave(self) -> tuple[dict[str, Any], list[Path]]:
        """Let a run store its results and then give up; return its lease and the files."""
        self.queue.add_job()
        lease = self.worker.claim()
        paths = [
            self.worker.upload(lease, body, kind).json()["path"]
            for kind, body in (("stack", stack_file()), ("thumbnail", PNG))
        ]
        self.worker.report("fail_job", lease, error_message="x", retryable=False)
        return lease, [self.file(path) for path in paths]

    def file(self, path: str) -> Path:
        """Return where a path of the storage is on disk."""
        return self.root / path.lstrip("/")

    def files(self) -> set[Path]:
        """Return everything in the storage but the site's mark and what is in trash."""
        base = self.root / "crowdsky"
        return {
            path
            for path in self.root.rglob("*")
            if path.is_file() and not {base / "site", base / "trash"} & set(path.parents)
        }

    def trash(self) -> list[str]:
        """Return the names of the files in trash, as they were before."""
        found = self.root.glob("crowdsky/trash/**/*.*")
        return sorted(path.name.split("_", 1)[1] for path in found)

    def age(self) -> None:
        """Make everything in the storage three days old."""
        for path in self.files():
            os.utime(path, (DAYS_AGO, DAYS_AGO))
