"""The calls of workers to the queue, each compared with the answer that the model gives."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from demo.services import Site
from tests.contract.jobs.support import Queue, Worker, stack_file
from tests.contract.site.support import Browser
from tests.faults.queue_custody import QueueCustody
from tests.faults.queue_model import ALREADY_STORED, Expected, QueueModel
from tests.support.rows import Rows


@dataclass(frozen=True)
class Held:
    """A lease some worker was given, alive or not, and the stack it made."""

    job_id: int
    holder: str
    token: str
    path: str
    body: bytes

    @property
    def report(self) -> dict[str, Any]:
        """The fields of a completion."""
        return {
            "job_id": self.job_id,
            "lease_token": self.token,
            "ucloud_path": self.path,
            "file_size_bytes": len(self.body),
            "sha256": hashlib.sha256(self.body).hexdigest(),
            "n_frames_aligned": 1,
        }


@dataclass(frozen=True)
class Bench:
    """The running site and everybody who uses it; shared by all examples."""

    site: Site
    rows: Rows
    queue: Queue
    workers: dict[str, Worker]
    janitor: Worker
    owner: Browser
    csrf_token: str
    custody: QueueCustody


class QueueCalls:
    """What workers do with leases, alive or not; `QueueMachine` decides who does what when."""

    bench: Bench
    model: QueueModel
    leases: list[Held]
    uploaded: set[str]
    raws: dict[int, list[Path]]

    def _held(self, lease: dict[str, Any], holder: str) -> Held:
        user = self.bench.queue.user_id
        stem = f"stack_{lease['chunk_key']}_{lease['job_id']}.{lease['attempt_tag']}"
        path = f"/crowdsky/stacks/user_{user}/M_94/{stem}.fits"
        known = [held for held in self.leases if held.path == path]
        # One attempt makes one stack: a repeated token stands for the same run of the same worker.
        body = known[0].body if known else stack_file(size=2)
        return Held(lease["job_id"], holder, lease["lease_token"], path, body)

    def _heartbeat(self, held: Held, holder: str) -> None:
        expected = self.model.heartbeat(held.job_id, holder, held.token)
        self._report(holder, "heartbeat", held, expected, stage="stack", progress=0.5)

    def _fail(self, held: Held, holder: str, *, retryable: bool = True) -> None:
        expected = self.model.fail(held.job_id, holder, held.token, retryable=retryable)
        fields = {"error_message": "clouds", "retryable": retryable}
        self._report(holder, "fail_job", held, expected, **fields)

    def _fail_for_good(self, held: Held, holder: str) -> None:
        self._fail(held, holder, retryable=False)

    def _release(self, held: Held, holder: str) -> None:
        expected = self.model.release(held.job_id, holder, held.token)
        self._report(holder, "release_job", held, expected, reason="shutdown")

    def _upload(self, held: Held, holder: str) -> None:
        expected = self.model.upload(held.job_id, holder, held.token)
        stored = self.bench.custody.file(held.path)
        if expected.status == 200 and stored.exists() and stored.read_bytes() != held.body:
            # The storage has damaged it; what is there is never overwritten.
            expected = ALREADY_STORED
        lease = {"job_id": held.job_id, "lease_token": held.token}
        answer = self.bench.workers[holder].upload(lease, held.body)
        self._compare(answer, expected)
        if answer.status_code == 200:
            assert answer.json()["path"] == held.path
            self.uploaded.add(held.path)

    def _complete(self, held: Held, holder: str, **lies: Any) -> None:
        stored = held.path in self.uploaded and not lies
        expected = self.model.complete(held.job_id, holder, held.token, stored=stored)
        answer = self.bench.workers[holder].post("complete_job", **{**held.report, **lies})
        self._compare(answer, expected)
        if expected.status == 200:
            job = self.model.jobs[held.job_id]
            job.stack_id = answer.json()["stack_id"]
            # A repeated report of a stack that the storage has lost since confirms nothing anew.
            if job.stack_intact:
                self.bench.custody.confirmed[held.path] = held.body

    def _complete_with_another_hash(self, held: Held, holder: str) -> None:
        self._complete(held, holder, sha256="0" * 64)

    def _finish(self, held: Held, holder: str) -> None:
        self._upload(held, holder)
        self._complete(held, holder)

    def _finish_on_a_bad_disk(self, held: Held, holder: str) -> None:
        self._finish(held, holder)
        job = self.model.jobs.get(held.job_id)
        if job is not None and job.stack_intact:
            self._lose_stack(held.job_id)

    def _lose_stack(self, job_id: int) -> None:
        row = self.bench.rows.one("SELECT * FROM stacked_frames WHERE job_id = ?", job_id)
        stored = self.bench.site.data_dir / "stacks" / row["ucloud_path"].lstrip("/")
        stored.write_bytes(stored.read_bytes()[:-1])
        self.bench.custody.confirmed.pop(row["ucloud_path"], None)
        self.model.jobs[job_id].stack_intact = False

    def _forget_stacks(self, job_id: int) -> None:
        """Their owner wants none of them to stay."""
        confirmed = self.bench.custody.confirmed
        for path in [path for path in confirmed if f"_{job_id}." in path]:
            del confirmed[path]

    def _report(
        self, holder: str, endpoint: str, held: Held, expected: Expected, **fields: Any
    ) -> None:
        answer = self.bench.workers[holder].post(
            endpoint, job_id=held.job_id, lease_token=held.token, **fields
        )
        self._compare(answer, expected)

    @staticmethod
    def _compare(answer: Any, expected: Expected) -> None:
        assert answer.status_code == expected.status, answer.text
        body = answer.json()
        assert {name: body.get(name) for name in expected.fields} == expected.fields
