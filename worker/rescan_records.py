"""What the site answers about rescans that were started from outside the queue."""

from __future__ import annotations

from dataclasses import dataclass

from worker.wire import Fields

SUBMITTED, PROCESSING, SOLVED, FAILED = "submitted", "processing", "solved", "failed"


@dataclass(frozen=True, slots=True)
class RescanAnswer:
    """The jobs that were queued, and the stacks that were not, each with the reason."""

    job_ids: tuple[int, ...]
    skipped: tuple[tuple[int, str], ...]

    @classmethod
    def from_json(cls, data: object) -> RescanAnswer:
        """Read the answer of ``rescan.php`` to a POST; raises UnexpectedAnswerError."""
        fields = Fields("answer", data)
        rows = [Fields("skipped stack", row) for row in fields.objects("skipped")]
        return cls(
            job_ids=fields.integers("job_ids"),
            skipped=tuple((row.integer("stack_id", minimum=1), row.text("reason")) for row in rows),
        )


@dataclass(frozen=True, slots=True)
class RescanState:
    """How far a rescan is.

    Attributes:
        state: submitted, processing, solved or failed.
        stage: what its worker does, empty if none is at it.
        progress: of the stage, 0..1.
        reason: of the last failure, empty if there was none.
    """

    job_id: int
    stack_id: int
    state: str
    stage: str
    progress: float
    attempt: int
    max_attempts: int
    reason: str

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen."""
        return self.state in (SOLVED, FAILED)

    @classmethod
    def from_json(cls, data: object) -> RescanState:
        """Read the answer of ``rescan.php`` to a GET; raises UnexpectedAnswerError."""
        fields = Fields("state of the rescan", data)
        states = "|".join((SUBMITTED, PROCESSING, SOLVED, FAILED))
        return cls(
            job_id=fields.integer("job_id", minimum=1),
            stack_id=fields.integer("stack_id", minimum=1),
            state=fields.text("state", pattern=states),
            stage=fields.optional_text("stage") or "",
            progress=fields.optional_number("progress") or 0.0,
            attempt=fields.integer("attempt", minimum=0),
            max_attempts=fields.integer("max_attempts", minimum=1),
            reason=fields.optional_text("reason") or "",
        )
