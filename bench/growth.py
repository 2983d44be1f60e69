"""Asks a small and a large archive the same, in turns: how much longer does the large one take?"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np

from bench.processor_time import ProcessorTime

HEADING = (
    "| database | call | small | large | best of large | p99 of large | growth"
    " | CPU of large, p99 |\n|---|---|---|---|---|---|---|---|"
)
WARM_UP = 20
"""Calls before the first that counts."""

Archive = TypeVar("Archive")


def measure(
    database: str,
    kind: str,
    call: Callable[[Archive, int], int],
    pair: Sequence[Archive],
    calls: int,
    what: str = "stacks",
    quantile: float = 0.5,
    spent: ProcessorTime | None = None,
) -> float:
    """Ask both archives in turns; print a row and return how much longer the large one takes.

    `call` gets the archive and the number of the call, negative before the first that counts, and
    returns how many of `what` were found. The times that are compared are the medians, or another
    quantile: of calls that take a few milliseconds, a busy machine adds as much again to most.
    `spent` is the processor time of the servers, of which the median and the p99 are printed, too.
    """
    times: list[list[float]] = [[], []]
    processor: list[float] = []
    counts = [0, 0]
    for number in range(-WARM_UP, calls):
        for which, archive in enumerate(pair):
            before = 0.0 if spent is None else spent.read()
            began = time.perf_counter()
            found = call(archive, number)
            if number >= 0:
                times[which].append(1000 * (time.perf_counter() - began))
                counts[which] += found
                if which == 1 and spent is not None:
                    processor.append(spent.read() - before)
    small, large = (float(np.quantile(some, quantile)) for some in times)
    p99 = float(np.percentile(times[1], 99))
    per_call = [count / calls for count in counts]
    print(
        f"| {database} | {kind} | {small:.1f} ms ({per_call[0]:.1f} {what})"
        f" | {large:.1f} ms ({per_call[1]:.1f} {what})"
        f" | {min(times[1]):.1f} ms | {p99:.1f} ms | {large / small:.2f} | {_told(processor)} |",
        flush=True,
    )
    return large / small


def _told(processor: Sequence[float]) -> str:
    if not processor:
        return ""
    return f"{np.median(processor):.1f} ms, {np.percentile(processor, 99):.1f} ms"
