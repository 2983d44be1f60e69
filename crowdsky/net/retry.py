"""When a call is repeated, how often and after which wait: one policy per call, with its reason.

The functions that talk to the site or the storage try once and never sleep. Whether a call is worth
repeating is decided by the error that it raises (see ``errors.py``) and by the policies below.
Time, sleep and chance are passed in, so that tests can compare the exact waits.
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from crowdsky.base.errors import (
    AccessDeniedError,
    CorruptInputError,
    CorruptTransferError,
    TransientError,
)

log = logging.getLogger(__name__)

Result = TypeVar("Result")

RETRY_AFTER_CAP_SECONDS = 300.0
"""Longest wait in seconds that a server's Retry-After can demand."""

TROUBLE_PAUSE_SECONDS = (300.0, 900.0)
"""Shortest and longest pause in seconds after a refused key or a full storage: long enough not to
trigger a brute-force protection."""

DENIED_RETRY_SECONDS = 3.0
"""Seconds after which a refused key is tried once more: some hosts refuse while they restart. More
tries would trigger the brute-force protection, which blocks all workers behind one address."""


def trouble_pause(chance: float) -> float:
    """Seconds to wait where a person must fix something; ``chance`` is within [0, 1]."""
    shortest, longest = TROUBLE_PAUSE_SECONDS
    return shortest + (longest - shortest) * chance


@dataclass(frozen=True, slots=True)
class Policy:
    """How one call is repeated after a TransientError.

    The wait after the n-th failure is random between 0 and min(cap, base * 2**(n - 1)) seconds
    (full jitter), on top of what the server asked for.

    Attributes:
        refetches: how often bytes that arrived broken are fetched again, within ``tries``; then the
            file counts as broken. None: that is a failure like any other.
    """

    call: str
    tries: int
    deadline_seconds: float
    base_seconds: float
    cap_seconds: float
    reason: str
    refetches: int | None = None

    def wait(self, failures: int, retry_after: float | None, chance: float) -> float:
        """Seconds to wait after the given number of failures; ``chance`` is within [0, 1)."""
        asked = min(retry_after or 0.0, RETRY_AFTER_CAP_SECONDS)
        return asked + chance * min(self.cap_seconds, self.base_seconds * 2.0 ** (failures - 1))


CLAIM = Policy(
    "claim",
    tries=1,
    deadline_seconds=0,
    base_seconds=0,
    cap_seconds=0,
    reason="the next poll asks again with the same claim id, and idle time costs nothing",
)
SCRIPT_CLAIM = Policy(
    "claim by a script",
    tries=6,
    deadline_seconds=120,
    base_seconds=2,
    cap_seconds=30,
    reason="a script has no next poll; a job whose claim is lost waits for its lease to run out",
)
HEARTBEAT = Policy(
    "heartbeat",
    tries=2,
    deadline_seconds=30,
    base_seconds=1,
    cap_seconds=5,
    reason="the next beat follows anyway; one quick repeat covers a dropped packet",
)
LIST_FILES = Policy(
    "list files",
    tries=8,
    deadline_seconds=600,
    base_seconds=2,
    cap_seconds=60,
    reason="reads only; an attempt is spent if it fails, so outlast a short outage",
)
DOWNLOAD = Policy(
    "download",
    tries=8,
    deadline_seconds=1800,
    base_seconds=2,
    cap_seconds=60,
    reason="every try continues where the last one stopped",
    refetches=3,
)
STORAGE = Policy(
    "storage",
    tries=8,
    deadline_seconds=1800,
    base_seconds=2,
    cap_seconds=60,
    reason="minutes of computing depend on it; a name is checked before it is written again",
)
COMPLETE = Policy(
    "complete",
    tries=1000,
    deadline_seconds=3600,
    base_seconds=2,
    cap_seconds=60,
    reason="the result is stored and only the report is missing; repeating it is harmless",
)
FAIL = Policy(
    "report failure",
    tries=6,
    deadline_seconds=120,
    base_seconds=2,
    cap_seconds=30,
    reason="if the report does not arrive, the lease runs out and the job is tried again",
)
RELEASE = Policy(
    "release",
    tries=3,
    deadline_seconds=10,
    base_seconds=1,
    cap_seconds=4,
    reason="happens while stopping: a few seconds, then the lease may run out by itself",
)
WATCH = Policy(
    "watch a rescan",
    tries=20,
    deadline_seconds=900,
    base_seconds=2,
    cap_seconds=60,
    reason="reads only, while a person or script waits; a restart of the site should not end it",
)
QUEUE_RESCANS = Policy(
    "queue rescans",
    tries=6,
    deadline_seconds=120,
    base_seconds=2,
    cap_seconds=30,
    reason="a stack whose rescan has not ended is skipped, so nothing is queued twice",
)


@dataclass(frozen=True, slots=True)
class Waits:
    """How to wait; tests replace this, and so do jobs, whose waits can end early."""

    sleep: Callable[[float], None] = time.sleep
    monotonic: Callable[[], float] = time.monotonic
    chance: Callable[[], float] = field(default_factory=lambda: random.SystemRandom().random)


def call_with_retry(
    policy: Policy,
    operation: Callable[[], Result],
    waits: Waits,
    *,
    is_signed_in: bool = True,
) -> Result:
    """Call ``operation`` until it answers or the policy is exhausted.

    Args:
        is_signed_in: whether the key or password may be right. False where a person has just
            given it: then a 401 is final, so that one mistake counts once at the site.

    Raises:
        TransientError: the last one, when tries or time are used up.
        CorruptInputError: when the bytes arrived broken once more than the policy allows.
        AccessDeniedError: when the key was refused twice, or at once by 401 before it ever worked.
    """
    end = waits.monotonic() + policy.deadline_seconds
    failures = broken = denials = 0
    while True:
        try:
            return operation()
        except TransientError as error:
            failures += 1
            broken += isinstance(error, CorruptTransferError)
            if policy.refetches is not None and broken > policy.refetches:
                raise CorruptInputError(error.what, why=error.why) from error
            pause = policy.wait(failures, error.retry_after, waits.chance())
            if failures >= policy.tries or waits.monotonic() + pause > end:
                raise
            log.warning("%s: %s; trying again in %.1f s", policy.call, error, pause)
        except AccessDeniedError as error:
            denials += 1
            is_mistake = error.status == 401 and not is_signed_in
            if is_mistake or denials > 1 or policy.tries == 1:
                raise
            pause = DENIED_RETRY_SECONDS
            log.warning("%s: %s; trying once more in %.0f s", policy.call, error, pause)
        waits.sleep(pause)
