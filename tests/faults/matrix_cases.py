"""The fault matrix: every stage of a job, every fault it can meet, and the expected outcome.

An outcome is the worker's exit code, the job's state, its counted attempts and the number of
archived stacks; some cases also say what must be read in the reason or in the log.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.faults.answers import (
    BROKEN,
    BUSY,
    DENIED,
    FORBIDDEN,
    GONE,
    LOST,
    MOVED,
    NOT_A_STACK,
    NOT_STORED,
    PORTAL,
    THROTTLED,
)
from tests.faults.matrix_acts import (
    Act,
    announce_little,
    cancel,
    delete,
    freeze,
    kill,
    kill_share,
    kill_site,
    lose_a_raw,
    make_huge,
    rival_takes_it,
    terminate,
)
from tests.faults.matrix_scene import PATIENCE_SECONDS, Outcome
from tests.faults.quick_child import LATE_MISDEED, MISDEED
from tests.support.fault_proxy import Fault, html_answer, plain_answer

DONE = Outcome(0, "completed", 1, 1)
NOT_ASKED = Outcome(1, "pending", 0, 0)
LEASE_RUNS = Outcome(1, "processing", 1, 0)
"""The claim was answered, the answer got lost: the lease runs out, or the same claim id gets it."""
HANDED_BACK = Outcome(2, "pending", 0, 0)
AGAIN = Outcome(2, "retry", 1, 0)
GIVEN_UP = Outcome(2, "failed", 1, 0)
DROPPED = Outcome(2, "processing", 1, 0)
"""The worker reports nothing: the job is not its own any more, as far as it knows."""
UNREPORTED = Outcome(2, "processing", 1, 0)
"""The result is stored, and its completion waits in the worker's journal."""
MISCONFIGURED = Outcome(78, "pending", 0, 0)

ALWAYS = 1000


@dataclass(frozen=True)
class Case:
    """One field of the matrix."""

    stage: str
    fault: str
    expected: Outcome
    faults: tuple[tuple[str, Fault], ...] = ()
    settings: dict[str, str] = field(default_factory=dict)
    at: str = ""
    act: Act | None = None
    says: str = ""
    is_representative: bool = True
    """Whether the first tier runs it; the second runs all."""

    def __str__(self) -> str:
        return f"{self.stage}: {self.fault}"


def site(kind: str, target: str, **more: Any) -> tuple[tuple[str, Fault], ...]:
    """One fault on the line to the site."""
    return (("site", Fault(kind, target=target, **more)),)


def share(kind: str, method: str, target: str = "", **more: Any) -> tuple[tuple[str, Fault], ...]:
    """One fault on the line to the share."""
    return (("share", Fault(kind, method, target, **more)),)


WEATHER: tuple[tuple[str, dict[str, Any]], ...] = (
    ("line cut", {"kind": "answer", "answer": b""}),
    ("reply lost", {"kind": "lose_reply"}),
    ("reply cut", {"kind": "cut_reply", "after_bytes": 20}),
    ("web page with status 200", {"kind": "answer", "answer": PORTAL}),
    ("500", {"kind": "answer", "answer": BROKEN}),
    ("503 with Retry-After", {"kind": "answer", "answer": BUSY}),
    ("429 with Retry-After", {"kind": "answer", "answer": THROTTLED}),
    ("slow", {"kind": "delay", "seconds": 0.6}),
)
"""What passes: every call but the claim is tried again until it is through."""

NAMES_OF_WEATHER = tuple(name for name, _ in WEATHER)


def passing(
    stage: str, line: Callable[..., Any], *place: str, first_tier: Container[str] = NAMES_OF_WEATHER
) -> Iterator[Case]:
    """All weather on one call, twice in a row, ends well; the first tier sees those it names."""
    for name, fault in WEATHER:
        details = dict(fault)
        kind = details.pop("kind")
        faults = line(kind, *place, times=2, **details)
        yield Case(stage, name, DONE, faults, is_representative=name in first_tier)


def refusals(stage: str, endpoint: str, denied: Outcome, says: str = "") -> Iterator[Case]:
    """What the site says for good; a refused key is asked about once more."""
    yield Case(stage, "401 once", DONE, site("answer", endpoint, answer=DENIED))
    for name, answer in (("401 twice", DENIED), ("403 twice", FORBIDDEN)):
        yield Case(stage, name, denied, site("answer", endpoint, answer=answer, times=2), says=says)
    for name, answer in (("job gone", GONE), ("lease lost", LOST)):
        yield Case(stage, name, DROPPED, site("answer", endpoint, answer=answer))


HANGING = {MISDEED: "hang"}
STACKING = {"settings": HANGING, "at": "wait done"}

CASES: tuple[Case, ...] = (
    # The claim is asked once: the next poll is its repetition.
    Case("claim", "line cut", NOT_ASKED, site("answer", "next_job", answer=b"")),
    Case("claim", "reply lost", LEASE_RUNS, site("lose_reply", "next_job")),
    Case("claim", "reply cut", LEASE_RUNS, site("cut_reply", "next_job", after_bytes=30)),
    Case("claim", "web page with status 200", NOT_ASKED, site("answer", "next_job", answer=PORTAL)),
    Case("claim", "500", NOT_ASKED, site("answer", "next_job", answer=BROKEN)),
    Case("claim", "503", NOT_ASKED, site("answer", "next_job", answer=BUSY)),
    Case("claim", "slow", DONE, site("delay", "next_job", seconds=0.6)),
    Case("claim", "401", MISCONFIGURED, site("answer", "next_job", answer=DENIED), says="API_KEY"),
    Case("claim", "moved for good", MISCONFIGURED, site("answer", "next_job", answer=MOVED)),
    Case(
        "claim",
        "no API there",
        MISCONFIGURED,
        site("answer", "next_job", answer=html_answer("404 Not Found")),
        says="no job API",
    ),
    Case(
        "claim",
        "no room on the disk",
        NOT_ASKED,
        settings={"MIN_FREE_MB": "1e12"},
        says="MIN_FREE_MB",
    ),
    # The list of files.
    *passing("list", site, "job_files", first_tier=("500", "reply cut")),
    *refusals("list", "job_files", HANDED_BACK),
    # The raws.
    Case("download", "no room for the job", HANDED_BACK, act=make_huge, says="MB are needed"),
    Case("download", "small claim", HANDED_BACK, act=announce_little, says="MB are needed"),
    *passing("download", site, "download_raw"),
    Case("download", "cut half-way", DONE, site("cut_reply", "download_raw", after_bytes=1500)),
    Case("download", "corrupted", DONE, site("corrupt_reply", "download_raw", after_bytes=700)),
    Case(
        "download",
        "corrupted every time",
        AGAIN,
        site("corrupt_reply", "download_raw", after_bytes=700, times=ALWAYS),
        says="differ",
    ),
    Case(
        "download", "401 twice", HANDED_BACK, site("answer", "download_raw", answer=DENIED, times=2)
    ),
    Case(
        "download",
        "raw is gone",
        GIVEN_UP,
        site("delay", "download_raw", seconds=PATIENCE_SECONDS),
        at="list done",
        act=lose_a_raw,
    ),
    Case(
        "download",
        "raws of another host",
        HANDED_BACK,
        site("answer", "download_raw", answer=BUSY, times=ALWAYS),
    ),
    Case("download", "lease lost", DROPPED, site("answer", "download_raw", answer=LOST)),
    Case("download", "site killed", DONE, at="list done", act=kill_site),
    # The child process; its parent and the site see these the same way whatever it computes.
    Case("stack", "crash", AGAIN, settings={MISDEED: "crash"}, says="SIGSEGV"),
    Case("stack", "killed by the system", AGAIN, settings={MISDEED: "be killed"}, says="memory"),
    Case(
        "stack",
        "out of memory",
        AGAIN,
        settings={MISDEED: "take all memory", "JOB_MEMORY_MB": "256"},
        says="memory",
    ),
    Case(
        "stack",
        "hangs",
        AGAIN,
        settings={**HANGING, "JOB_TIMEOUT": "1"},
        says="JOB_TIMEOUT",
    ),
    Case("stack", "disk full", HANDED_BACK, settings={MISDEED: "fill disk"}),
    Case("stack", "unusable frames", GIVEN_UP, settings={MISDEED: "find nothing"}, says="a star"),
    Case("stack", "cancelled", Outcome(2, "cancelled", 1, 0), **STACKING, act=cancel),
    Case("stack", "deleted", DROPPED, **STACKING, act=delete),
    Case(
        "stack", "taken by another", Outcome(2, "processing", 2, 0), **STACKING, act=rival_takes_it
    ),
    Case("stack", "machine slept", Outcome(2, "processing", 2, 0), **STACKING, act=freeze),
    Case("stack", "SIGTERM", HANDED_BACK, **STACKING, act=terminate),
    Case("stack", "SIGKILL", Outcome(-9, "processing", 1, 0), **STACKING, act=kill),
    Case(
        "stack",
        "heartbeats fail for a while",
        DONE,
        site("answer", "heartbeat", answer=BROKEN, times=3),
    ),
    # Measuring comes after the stack, and a stack is a result also without it.
    Case("solve", "crash", DONE, settings={LATE_MISDEED: "crash"}, says="SIGSEGV"),
    Case("solve", "hangs", DONE, settings={LATE_MISDEED: "hang", "JOB_TIMEOUT": "10"}),
    Case("solve", "killed by the system", DONE, settings={LATE_MISDEED: "be killed"}),
    # The stack on its way to the share.
    *passing("upload", share, "PUT", ".fits", first_tier=("line cut", "reply lost", "slow")),
    Case("upload", "423", DONE, share("answer", "PUT", answer=plain_answer("423 Locked"), times=2)),
    Case("upload", "cut half-way", DONE, share("cut_request", "PUT", ".fits", after_bytes=9000)),
    Case(
        "upload",
        "answered without being stored",
        DONE,
        share("answer", "PUT", ".fits", answer=plain_answer("201 Created")),
    ),
    Case(
        "upload", "share full", HANDED_BACK, share("answer", "PUT", answer=plain_answer("507 Full"))
    ),
    Case(
        "upload",
        "401 twice",
        HANDED_BACK,
        share("answer", "PUT", answer=plain_answer("401 No"), times=2),
    ),
    Case("upload", "moved for good", HANDED_BACK, share("answer", "PUT", answer=MOVED)),
    Case("upload", "share killed", DONE, at="stack done", act=kill_share),
    # Its final name.
    *passing("publish", share, "MOVE", first_tier=("reply lost", "web page with status 200")),
    *(
        Case("publish", name, DONE, share("answer", "MOVE", answer=plain_answer(answer)))
        for name, answer in (("share cannot move", "405 No"), ("moving is forbidden", "403 No"))
    ),
    # The thumbnail is worth some patience, but no job.
    Case(
        "thumbnail",
        "refused",
        DONE,
        share("answer", "PUT", "_thumb", answer=plain_answer("400 Bad"), times=ALWAYS),
    ),
    Case(
        "thumbnail",
        "never arrives",
        DONE,
        share("answer", "PUT", "_thumb", answer=plain_answer("500 Oops"), times=ALWAYS),
    ),
    # The word that it is done.
    *passing(
        "complete",
        site,
        "complete_job",
        first_tier=("reply lost", "503 with Retry-After", "reply cut"),
    ),
    Case(
        "complete",
        "not found by the site once",
        DONE,
        site("answer", "complete", answer=NOT_STORED),
    ),
    Case(
        "complete",
        "not a stack",
        AGAIN,
        site("answer", "complete_job", answer=NOT_A_STACK),
        says="could not complete job",
    ),
    *refusals("complete", "complete_job", UNREPORTED, says="its completion is kept"),
    Case(
        "complete",
        "no room",
        UNREPORTED,
        site("answer", "complete_job", answer=plain_answer("507 Insufficient Storage")),
        says="its completion is kept",
    ),
    Case(
        "complete",
        "SIGTERM while the site is away",
        UNREPORTED,
        site("answer", "complete_job", answer=BUSY, times=ALWAYS),
        {"SHUTDOWN_GRACE": "0"},
        at="complete: could not complete",
        act=terminate,
        says="its completion is kept",
    ),
    Case("complete", "site killed", DONE, at="upload done", act=kill_site),
)
