"""The jobs of one seed of the soak, and what each of their stacks has to be made of."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.contract.jobs.support import Queue

MAX_ATTEMPTS = 5
RAW_BYTES = 20_000


@dataclass(frozen=True)
class Upload:
    """The subs of one job.

    Attributes:
        hashes: SHA-256 of each sub, in the order in which a worker gets them.
        raws: their files on the site's disk.
    """

    hashes: tuple[str, ...]
    raws: tuple[Path, ...]


class SoakJobs:
    """The jobs by number. A restored backup may forget some, whose stacks and raws must stay.

    Args:
        queue: adds the rows and the files.
        rng: makes the raws.
        frames: raws of each job.
        complain: takes a sentence about something that went wrong.
    """

    def __init__(
        self, queue: Queue, rng: random.Random, frames: int, complain: Callable[[str], None]
    ) -> None:
        self._queue = queue
        self._rng = rng
        self._frames = frames
        self._complain = complain
        self.known: dict[int, Upload] = {}
        self.forgotten: list[Upload] = []

    def __len__(self) -> int:
        """Return how many were ever added."""
        return len(self.known) + len(self.forgotten)

    def add(self) -> None:
        """Let the owner upload another job."""
        queue = self._queue
        job = queue.add_job(
            frames=0, frame_count=self._frames, max_attempts=MAX_ATTEMPTS, total_bytes=1
        )
        session = queue.add_session()
        raws = [
            queue.add_raw(
                session, job, f"Light_{number}.fit", self._rng.randbytes(RAW_BYTES), number
            )
            for number in range(self._frames)
        ]
        rows = queue.rows.all(
            "SELECT sha256 FROM raw_files WHERE job_id = ? ORDER BY fits_date_obs, id", job
        )
        hashes = tuple(row["sha256"] for row in rows)
        self.known[job] = Upload(hashes, tuple(raw.path for raw in raws))

    def unfinished(self) -> int:
        """Return how many have not ended yet."""
        sql = "SELECT id FROM stacking_jobs WHERE status NOT IN ('completed', 'failed')"
        return len(self._queue.rows.all(sql))

    def look_again(self, confirmed: set[int]) -> None:
        """Find out which jobs a restored database still knows.

        Args:
            confirmed: numbers of jobs whose stack was confirmed at any time before.
        """
        there = {row["id"] for row in self._queue.rows.all("SELECT id FROM stacking_jobs")}
        for job in sorted(set(self.known) - there):
            if job in confirmed:
                self._complain(f"job {job} was completed, and is unknown after the restoration")
            self.forgotten.append(self.known.pop(job))
