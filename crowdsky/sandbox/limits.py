"""What a child process may take, and how the child makes the system hold it to that."""

from __future__ import annotations

import contextlib
import resource
from dataclasses import asdict, dataclass
from pathlib import Path

from crowdsky.base.json_fields import Fields, JsonObject

LARGEST_FILE_BYTES = 8 * 2**30

SPARE_CPU_SECONDS = 60
"""Seconds of processor time beyond those that the limit on time allows all threads together."""

OOM_SCORE = "500"


@dataclass(frozen=True, slots=True)
class LimitNames:
    """What an operator calls the limits, for the texts of errors: names of settings, if any."""

    memory: str = "the memory limit"
    seconds: str = "the time limit"
    at_once: str = "the number of tasks at once"


@dataclass(frozen=True, slots=True)
class Limits:
    """What one child may take.

    Attributes:
        memory_mb: megabytes of data, as RLIMIT_DATA counts them.
        seconds: time from its start to its end.
        threads: number that each library may start.
    """

    memory_mb: int
    seconds: float
    threads: int
    names: LimitNames = LimitNames()

    @property
    def allowance(self) -> Allowance:
        """The part that the child itself puts into effect."""
        return Allowance(self.memory_mb, int(self.seconds * self.threads) + SPARE_CPU_SECONDS)


@dataclass(frozen=True, slots=True)
class Allowance:
    """How much memory and processor time a child may take."""

    memory_mb: int
    cpu_seconds: int

    def to_json(self) -> JsonObject:
        """This allowance as JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: object) -> Allowance:
        """Read what ``to_json`` wrote; raises UnexpectedAnswerError naming the field."""
        fields = Fields("allowance", data)
        return cls(
            memory_mb=fields.integer("memory_mb", minimum=1),
            cpu_seconds=fields.integer("cpu_seconds", minimum=1),
        )


def limit_resources(allowance: Allowance) -> None:
    """Limit memory, processor time and file size of this process and its threads.

    RLIMIT_DATA counts memory that can be written, however it was allocated. RLIMIT_AS would also
    count address space that BLAS reserves for their threads and never touch.
    """
    memory = allowance.memory_mb * 2**20
    for limit, value in (
        (resource.RLIMIT_DATA, memory),
        (resource.RLIMIT_CPU, allowance.cpu_seconds),
        (resource.RLIMIT_FSIZE, LARGEST_FILE_BYTES),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(limit)
        ceiling = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(limit, (ceiling, ceiling))


def offer_to_system() -> None:
    """Be the first to go when the machine's memory runs out, not the parent or the database."""
    with contextlib.suppress(OSError):  # only Linux has it
        Path("/proc/self/oom_score_adj").write_text(OOM_SCORE, encoding="ascii")
