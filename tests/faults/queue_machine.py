"""Random walks through everything that can be done with the queue, compared with the model."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from demo.services import Site
from tests.contract.jobs.support import Queue, Worker, stack_file
from tests.contract.site.support import Browser
from tests.faults.queue_model import ENDED, MAX_ATTEMPTS, Expected, ModelJob, QueueModel
from tests.support.rows import Rows

HOLDERS = ("first", "second")
CLAIM_IDS = ("claim-0001", "claim-0002", "claim-0003")
MOST_JOBS = 4
LONG_AGO = "2020-01-01 00:00:00"
OWNER_ACTIONS = ("cancel", "requeue", "delete")
ACTIONS = (
    *["claim"] * 5,
    *["work"] * 5,
    *["interfere"] * 3,
    *["expire", "time", "clean up", "requeue"] * 2,
    *["cancel", "delete", "come back late"],
)
CALLS = (
    "heartbeat",
    "fail",
    "fail",
    "fail_for_good",
    "release",
    "upload",
    "complete",
    "complete_with_another_hash",
    "finish",
    "finish",
    "finish_on_a_bad_disk",
)
TABLES = ("job_events", "stacked_frames", "raw_files", "stacking_jobs")


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


class QueueMachine(RuleBasedStateMachine):
    """Random walks through the life of a few jobs; the fixture below sets ``bench``."""

    bench: Bench

    @initialize(priorities=st.lists(st.integers(0, 1), min_size=1, max_size=2))
    def begin(self, priorities: list[int]) -> None:
        for table in TABLES:
            self.bench.rows.execute(f"DELETE FROM {table}")  # noqa: S608 # our own names
        self.model = QueueModel()
        self.leases: list[Held] = []
        self.uploaded: set[str] = set()
        self.raws: dict[int, list[Path]] = {}
        for priority in priorities:
            self.add_job(priority)

    @rule(
        action=st.sampled_from(ACTIONS),
        pick=st.integers(0, 11),
        call=st.sampled_from(CALLS),
        holder=st.sampled_from(HOLDERS),
        claim_id=st.sampled_from(CLAIM_IDS),
    )
    def step(self, action: str, pick: int, call: str, holder: str, claim_id: str) -> None:
        """One thing happens; what cannot happen at the moment becomes a claim or a new job.

        One rule with a list of actions instead of one rule an action: Hypothesis would give each
        rule the same weight and most walks would never see a completion.
        """
        if action == "work" and self._living():
            self.work(pick, call)
        elif action == "interfere" and self.leases:
            self.interfere(pick, holder, call)
        elif action == "expire" and self._living():
            self.expire(pick)
        elif action == "come back late" and self._living():
            held = self.expire(pick)
            getattr(self, f"_{call}")(held, held.holder)
        elif action == "time" and self._ended():
            self.time_passes(pick)
        elif action in OWNER_ACTIONS and self.model.jobs:
            self.owner_acts(pick, action)
        elif action == "clean up":
            self.clean_up()
        elif len(self._ended()) < len(self.model.jobs) or len(self.model.jobs) == MOST_JOBS:
            self.claim(holder, claim_id)
        else:
            self.add_job(pick % 2)

    def add_job(self, priority: int) -> None:
        job_id = self.bench.queue.add_job(priority=priority, max_attempts=MAX_ATTEMPTS)
        self.model.jobs[job_id] = ModelJob(priority)
        self.raws[job_id] = self.bench.queue.raw_paths(job_id)

    def claim(self, holder: str, claim_id: str) -> None:
        worker = self.bench.workers[holder]
        answer = worker.get("next_job", worker_id=holder, claim_id=claim_id)
        known = self.model.resumed(holder, claim_id)
        if known is not None:
            assert answer.status_code == 200
            lease = answer.json()
            job = self.model.jobs[known]
            assert (lease["job_id"], lease["lease_token"]) == (known, job.token)
            assert lease["attempt"] == job.attempts
            return
        self.model.reap()
        job_id = self.model.next_job()
        if job_id is None:
            assert answer.status_code == 204, answer.text
            return
        assert answer.status_code == 200, answer.text
        lease = answer.json()
        assert lease["job_id"] == job_id
        self.model.lease(job_id, holder, claim_id, lease["lease_token"])
        assert lease["attempt"] == self.model.jobs[job_id].attempts
        self.leases.append(self._held(lease, holder))

    def work(self, pick: int, call: str) -> None:
        """What a worker does with a job that is its own."""
        living = self._living()
        held = living[pick % len(living)]
        getattr(self, f"_{call}")(held, held.holder)

    def interfere(self, pick: int, holder: str, call: str) -> None:
        """A late or repeated call, or one with a token that belongs to somebody else."""
        held = self.leases[-1 - pick % len(self.leases)]
        getattr(self, f"_{call}")(held, holder)

    def expire(self, pick: int) -> Held:
        living = self._living()
        held = living[pick % len(living)]
        sql = "UPDATE stacking_jobs SET lease_expires_at = 1 WHERE id = ?"
        self.bench.rows.execute(sql, held.job_id)
        self.model.jobs[held.job_id].expired = True
        return held

    def owner_acts(self, pick: int, action: str) -> None:
        job_id = self._job(pick)
        fields = {"csrf_token": self.bench.csrf_token, "job_id": job_id, "action": action}
        answer = self.bench.owner.post("job.php", fields)
        assert answer.status_code == getattr(self.model, action)(job_id), answer.text
        if action == "delete":
            assert not any(path.exists() for path in self.raws.pop(job_id))

    def time_passes(self, pick: int) -> None:
        """A job that was given up is years old, or storage loses the stack of a finished one."""
        ended = self._ended()
        job_id = ended[pick % len(ended)]
        job = self.model.jobs[job_id]
        if job.status != "completed":
            sql = "UPDATE stacking_jobs SET completed_at = ? WHERE id = ?"
            self.bench.rows.execute(sql, LONG_AGO, job_id)
            job.aged = True
        elif job.stack_intact:
            self._lose_stack(job_id)

    def clean_up(self) -> None:
        for _ in ("marks what is due", "deletes it"):
            answer = self.bench.janitor.get("cleanup")
            assert answer.status_code == 200, answer.text
        self.model.clean_up()

    @invariant()
    def database_agrees(self) -> None:
        rows = self.bench.rows.all(
            "SELECT j.id, j.status, j.attempts, j.claim_id,"
            " COUNT(s.id) AS stacks, MAX(s.id) AS stack"
            " FROM stacking_jobs j LEFT JOIN stacked_frames s ON s.job_id = j.id"
            " GROUP BY j.id, j.status, j.attempts, j.claim_id ORDER BY j.id"
        )
        seen = {
            row["id"]: (
                row["status"],
                row["attempts"],
                row["claim_id"],
                row["stacks"],
                row["stack"],
            )
            for row in rows
        }
        assert seen == {
            job_id: (
                job.status,
                job.attempts,
                job.claim_id or None,
                int(job.stack_id is not None),
                job.stack_id,
            )
            for job_id, job in self.model.jobs.items()
        }

    @invariant()
    def no_raw_is_lost(self) -> None:
        for job_id, job in self.model.jobs.items():
            assert all(path.exists() == job.raws_kept for path in self.raws[job_id])

    def _held(self, lease: dict[str, Any], holder: str) -> Held:
        user = self.bench.queue.user_id
        stem = f"stack_{lease['chunk_key']}_{lease['job_id']}.{lease['attempt_tag']}"
        path = f"/crowdsky/stacks/user_{user}/M_94/{stem}.fits"
        known = [held for held in self.leases if held.path == path]
        # One attempt makes one stack: a repeated token stands for the same run of the same worker.
        body = known[0].body if known else stack_file(size=2)
        return Held(lease["job_id"], holder, lease["lease_token"], path, body)

    def _living(self) -> list[Held]:
        """The leases that hold, in the order in which they were given."""
        jobs = self.model.jobs
        tokens = {job.token for job in jobs.values() if job.leased}
        return list({held.token: held for held in self.leases if held.token in tokens}.values())

    def _ended(self) -> list[int]:
        return [job_id for job_id, job in self.model.jobs.items() if job.status in ENDED]

    def _job(self, pick: int) -> int:
        ids = sorted(self.model.jobs)
        return ids[pick % len(ids)]

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
            self.model.jobs[held.job_id].stack_id = answer.json()["stack_id"]

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
        self.model.jobs[job_id].stack_intact = False

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
