"""What the queue promises, as a model small enough to be read: the site has to behave the same."""

from __future__ import annotations

from dataclasses import dataclass, field

MAX_ATTEMPTS = 3
CLAIMABLE = ("pending", "retry")
ENDED = ("completed", "failed", "cancelled")


@dataclass
class ModelJob:
    """One job; the lease fields are those of its present or last lease."""

    priority: int
    status: str = "pending"
    attempts: int = 0
    holder: str = ""
    claim_id: str = ""
    token: str = ""
    expired: bool = False
    last_outcome: str = ""
    stack_id: int | None = None
    stack_intact: bool = False
    raws_kept: bool = True
    aged: bool = False

    @property
    def leased(self) -> bool:
        """Whether a living lease exists."""
        return self.status == "processing" and not self.expired

    def belongs_to(self, holder: str, token: str) -> bool:
        """Whether the present or last lease is this one."""
        return bool(self.token) and (self.holder, self.token) == (holder, token)

    def leave(self, status: str, outcome: str) -> None:
        """End the lease, if there is one, and go to another state."""
        self.status = status
        self.last_outcome = outcome
        self.claim_id = ""
        self.expired = False
        self.aged = False

    def end_run(self, outcome: str, *, retryable: bool = True) -> None:
        """A counted run is over without a result."""
        again = retryable and self.attempts < MAX_ATTEMPTS
        self.leave("retry" if again else "failed", outcome)


@dataclass
class Expected:
    """The answer a call must get."""

    status: int
    fields: dict[str, object] = field(default_factory=dict)


LEASE_LOST = Expected(409, {"code": "lease_lost"})
UNKNOWN = Expected(404, {"code": "not_found"})
ALREADY_STORED = Expected(409, {"code": "already_stored"})


class QueueModel:
    """All jobs by id. Each method changes the model and says what the site must answer."""

    def __init__(self) -> None:
        self.jobs: dict[int, ModelJob] = {}

    def resumed(self, holder: str, claim_id: str) -> int | None:
        """The job whose living lease a repeated claim must return."""
        for job_id, job in self.jobs.items():
            if job.leased and (job.holder, job.claim_id) == (holder, claim_id):
                return job_id
        return None

    def reap(self) -> None:
        """Take back what silent workers hold."""
        for job in self.jobs.values():
            if job.status == "processing" and job.expired:
                job.end_run("expired")

    def next_job(self) -> int | None:
        """The job a claim must hand out: highest priority, then the oldest."""
        waiting = [
            (-job.priority, id_) for id_, job in self.jobs.items() if job.status in CLAIMABLE
        ]
        return min(waiting)[1] if waiting else None

    def lease(self, job_id: int, holder: str, claim_id: str, token: str) -> None:
        """A claim was answered with this job."""
        job = self.jobs[job_id]
        job.status, job.attempts, job.last_outcome = "processing", job.attempts + 1, ""
        job.holder, job.claim_id, job.token, job.expired = holder, claim_id, token, False

    def heartbeat(self, job_id: int, holder: str, token: str) -> Expected:
        """A sign of life."""
        job = self.jobs.get(job_id)
        if job is None:
            return UNKNOWN
        if job.status == "cancelled" and job.belongs_to(holder, token):
            return Expected(200, {"action": "cancel"})
        if not self._holds(job, holder, token):
            return LEASE_LOST
        return Expected(200, {"action": "continue"})

    def fail(self, job_id: int, holder: str, token: str, *, retryable: bool) -> Expected:
        """A run failed; saying so twice is harmless."""
        job = self.jobs.get(job_id)
        if job is None:
            return UNKNOWN
        if self._repeats(job, holder, token, "fail"):
            return Expected(200, {"status": job.status})
        if not self._holds(job, holder, token):
            return LEASE_LOST
        job.end_run("fail", retryable=retryable)
        return Expected(200, {"status": job.status})

    def release(self, job_id: int, holder: str, token: str) -> Expected:
        """A job is handed back and no run is counted."""
        job = self.jobs.get(job_id)
        if job is None:
            return UNKNOWN
        if self._repeats(job, holder, token, "release"):
            return Expected(200, {"status": job.status})
        if not self._holds(job, holder, token):
            return LEASE_LOST
        job.attempts -= 1
        job.leave("pending", "release")
        return Expected(200, {"status": "pending"})

    def complete(self, job_id: int, holder: str, token: str, *, stored: bool) -> Expected:
        """A stack is reported; it counts only if it is really stored."""
        job = self.jobs.get(job_id)
        if job is None:
            return UNKNOWN
        if job.status == "completed" and job.belongs_to(holder, token) and stored:
            return Expected(200, {"status": "completed", "stack_id": job.stack_id})
        if not (self._holds(job, holder, token) or self._ran_out(job, holder, token)):
            return LEASE_LOST
        if not stored:
            return Expected(422, {"code": "not_stored"})
        job.leave("completed", "complete")
        job.stack_intact = True
        return Expected(200, {"status": "completed"})

    def upload(self, job_id: int, holder: str, token: str) -> Expected:
        """A result is sent."""
        job = self.jobs.get(job_id)
        if job is None:
            return UNKNOWN
        return Expected(200) if self._holds(job, holder, token) else LEASE_LOST

    def cancel(self, job_id: int) -> int:
        """The owner stops a job; returns the status of the answer."""
        job = self.jobs[job_id]
        if job.status == "completed":
            return 409
        if job.status != "cancelled":
            job.leave("cancelled", "cancel")
        return 303

    def requeue(self, job_id: int) -> int:
        """The owner wants a job done after all; returns the status of the answer."""
        job = self.jobs[job_id]
        if job.status == "pending":
            return 303
        if job.status in ("processing", "completed") or not job.raws_kept:
            return 409
        job.attempts = 0
        job.leave("pending", "requeue")
        return 303

    def delete(self, job_id: int) -> int:
        """The owner wants nothing of a job to stay; returns the status of the answer."""
        del self.jobs[job_id]
        return 303

    def clean_up(self) -> None:
        """Raws go only with a stack that is there, or long after the job was given up.

        A job whose stack is damaged runs again.
        """
        self.reap()
        for job in self.jobs.values():
            archived = job.status == "completed" and job.stack_intact
            abandoned = job.status in ("failed", "cancelled") and job.aged
            if archived or abandoned:
                job.raws_kept = False
            elif job.status == "completed" and job.raws_kept:
                job.leave("pending", "revived")
                job.attempts = 0

    @staticmethod
    def _holds(job: ModelJob, holder: str, token: str) -> bool:
        return job.leased and job.belongs_to(holder, token)

    @staticmethod
    def _ran_out(job: ModelJob, holder: str, token: str) -> bool:
        """Nobody else was given the job since: a finished stack is still welcome."""
        taken_back = job.status in ("retry", "failed") and job.last_outcome == "expired"
        waits = job.status == "processing" and job.expired
        return (waits or taken_back) and job.belongs_to(holder, token)

    @staticmethod
    def _repeats(job: ModelJob, holder: str, token: str, outcome: str) -> bool:
        ended = job.status not in ("processing", "cancelled")
        return ended and job.last_outcome == outcome and job.belongs_to(holder, token)
