"""The site's answers about rescans that operators start."""

from __future__ import annotations

from dataclasses import dataclass

from crowdsky.base.json_fields import Fields

REASON_CHARACTERS = 2000
"""Characters of the longest reason that the site stores."""

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
            skipped=tuple(
                (row.integer("stack_id", minimum=1), row.message("reason")) for row in rows
            ),
        )


@dataclass(frozen=True, slots=True)
class UnmeasuredStack:
    """A stack that has not been measured; ``reason`` is that of the worker that made it."""

    stack_id: int
    object_name: str
    reason: str


@dataclass(frozen=True, slots=True)
class UnmeasuredAnswer:
    """Some of the stacks that have not been measured.

    Attributes:
        queued: the jobs, and stacks for which somebody else has started a rescan meanwhile.
        stacks: those that were queued, or would be without a dry run.
        under_way: how many were left out because their rescan has not ended.
        failed: how many were left out because their last rescan gave no measurement.
        next: where to continue, None at the end.
    """

    queued: RescanAnswer
    stacks: tuple[UnmeasuredStack, ...]
    under_way: int
    failed: int
    next: int | None

    def followed_by(self, other: UnmeasuredAnswer) -> UnmeasuredAnswer:
        """This answer and the next one in one."""
        return UnmeasuredAnswer(
            RescanAnswer(
                self.queued.job_ids + other.queued.job_ids,
                self.queued.skipped + other.queued.skipped,
            ),
            self.stacks + other.stacks,
            self.under_way + other.under_way,
            self.failed + other.failed,
            other.next,
        )

    @classmethod
    def from_json(cls, data: object) -> UnmeasuredAnswer:
        """Read the answer of ``rescan.php`` to ``not_measured``; raises UnexpectedAnswerError."""
        fields = Fields("answer", data)
        left_out = Fields("left_out", fields.optional_object("left_out"))
        rows = [Fields("stack", row) for row in fields.objects("stacks")]
        return cls(
            queued=RescanAnswer.from_json(data),
            stacks=tuple(
                UnmeasuredStack(
                    row.integer("stack_id", minimum=1),
                    row.message("object_name", 255) or "unnamed object",
                    row.message("reason", REASON_CHARACTERS),
                )
                for row in rows
            ),
            under_way=left_out.integer("under_way", minimum=0),
            failed=left_out.integer("failed", minimum=0),
            next=fields.optional_integer("next"),
        )


@dataclass(frozen=True, slots=True)
class RescanState:
    """How far a rescan has come.

    Attributes:
        state: submitted, processing, solved or failed.
        stage: what its worker is doing, empty if none is working on it.
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
            stage=fields.message("stage", 40),
            progress=fields.optional_number("progress") or 0.0,
            attempt=fields.integer("attempt", minimum=0),
            max_attempts=fields.integer("max_attempts", minimum=1),
            reason=fields.message("reason", REASON_CHARACTERS),
        )
