"""Random walks through everything that can be done with the queue, compared with the model."""

from __future__ import annotations

import copy
import hashlib
from pathlib import Path

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.faults.queue_calls import Held, QueueCalls
from tests.faults.queue_custody import Snapshot
from tests.faults.queue_model import ENDED, MAX_ATTEMPTS, ModelJob, QueueModel

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
    *["back up", "restore", "another site", "wrong clock"],
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


class QueueMachine(QueueCalls, RuleBasedStateMachine):
    """Random walks through the life of a few jobs; the test sets ``bench``."""

    @initialize(priorities=st.lists(st.integers(0, 1), min_size=1, max_size=2))
    def begin(self, priorities: list[int]) -> None:
        for table in TABLES:
            self.bench.rows.execute(f"DELETE FROM {table}")  # noqa: S608 # our own names
        self.model = QueueModel()
        self.leases: list[Held] = []
        self.uploaded: set[str] = set()
        self.raws: dict[int, list[Path]] = {}
        self.forgotten_raws: set[Path] = set()
        self.bench.custody.confirmed.clear()
        self.back_up()
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
        elif action == "back up":
            self.back_up()
        elif action == "restore":
            self.restore()
        elif action == "another site":
            self.meet_another_site(pick)
        elif action == "wrong clock" and not self._living():
            self.misread_the_clock(pick)
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
            self._forget_stacks(job_id)

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
        self._call_janitor()
        self.model.clean_up()

    def _call_janitor(self) -> None:
        for _ in ("marks what is due", "deletes it"):
            answer = self.bench.janitor.get("cleanup")
            assert answer.status_code == 200, answer.text

    def back_up(self) -> None:
        raws = {path: path.read_bytes() for path in self._kept_raws()}
        jobs = {job_id: list(paths) for job_id, paths in self.raws.items()}
        database = self.bench.custody.back_up()
        self.snapshot = Snapshot(database, raws, jobs, copy.deepcopy(self.model))

    def restore(self) -> None:
        """The queue is as it was then; what lies on the disks is as it is now."""
        self.bench.custody.restore(self.snapshot)
        known = {path for paths in self.snapshot.jobs.values() for path in paths}
        self.forgotten_raws = (self.forgotten_raws | set(self._kept_raws())) - known
        self.raws = {job_id: list(paths) for job_id, paths in self.snapshot.jobs.items()}
        self.model = copy.deepcopy(self.snapshot.model)
        for row in self.bench.rows.all("SELECT job_id, ucloud_path, sha256 FROM stacked_frames"):
            file = self.bench.custody.file(row["ucloud_path"])
            body = file.read_bytes() if file.exists() else b""
            same = hashlib.sha256(body).hexdigest() == row["sha256"]
            self.model.jobs[row["job_id"]].stack_intact = same
        self._look_what_is_stored()

    def meet_another_site(self, pick: int) -> None:
        custody = self.bench.custody
        custody.meet_another_site((None, custody.back_up(), self.snapshot.database)[pick % 3])
        self._look_what_is_stored()

    def misread_the_clock(self, pick: int) -> None:
        """Nothing is deleted; nobody works who could lose a lease."""
        self.bench.custody.misread_the_clock((-1, 1)[pick % 2], self._call_janitor)
        self.model.reap()

    def _look_what_is_stored(self) -> None:
        """What a run has stored and not reported may be gone: its worker is told so."""
        self.uploaded = {path for path in self.uploaded if self.bench.custody.file(path).exists()}

    def _kept_raws(self) -> list[Path]:
        return [
            path
            for job_id, job in self.model.jobs.items()
            if job.raws_kept
            for path in self.raws[job_id]
        ]

    @invariant()
    def no_confirmed_stack_is_missing(self) -> None:
        """Unless another stack of its job was proven since a backup was restored."""
        proven = {job_id for job_id, job in self.model.jobs.items() if job.stack_intact}
        for path in self.bench.custody.missing():
            assert any(f"_{job_id}." in path for job_id in proven), path

    @invariant()
    def no_raw_is_forgotten(self) -> None:
        assert all(path.exists() for path in self.forgotten_raws)

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
