"""Runs the tools of the stacking benchmark in turn, and keeps what they took and their pictures."""

from __future__ import annotations

import contextlib
import shutil
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from bench.peers import BEFORE, NATIVE, Tool, python_of, work_seconds
from bench.stack_results import MemoryRun, Results, cpu, wall
from bench.stack_runs import (
    ProgramError,
    Usage,
    WarmProcess,
    available_memory_mb,
    run_measured,
)
from bench.stack_sets import FrameSet, repeated, synthetic

S30_COUNT = 90
SEESTARPY_MB_PER_SUB = 210.0
SETTLE_SECONDS = 3.0
LARGE_SET = 60
"""Number of frames from which seestarpy gets one round: a minute and 16 GB each."""


def tell(message: str) -> None:
    """Progress for who waits."""
    print(f"{time.strftime('%H:%M:%S')} {message}", file=sys.stderr, flush=True)


def race(
    results: Results, tools: Sequence[Tool], rounds: int, work: Path, against: Path | None = None
) -> None:
    """All tools on all sets, in turn, round after round; the last pictures stay in ``work``.

    ``against`` is another checkout of this repository, whose warm process is measured too.
    """
    with contextlib.ExitStack() as stack:
        warm = {NATIVE: stack.enter_context(WarmProcess())}
        if against is not None:
            warm[BEFORE] = stack.enter_context(WarmProcess(python_of(against), against.resolve()))
        (work / "warm").mkdir(parents=True)
        for process in warm.values():
            process.stack(results.sets[0].paths, work / "warm" / "first.fits")
        for number in range(rounds):
            # Every round begins with another tool, so that none has always the same neighbour.
            turn = [*tools[number % len(tools) :], *tools[: number % len(tools)]]
            for item in results.sets:
                for tool in turn:
                    settle(item)
                    stack_once(results, item, tool, number, work)
                for name, process in sorted(warm.items(), reverse=bool(number % 2)):
                    settle(item)
                    usage = process.stack(item.paths, work / "warm" / "stack.fits")
                    results.of(item.name, name).warm.append(usage)
                    tell(f"{item.name} round {number + 1}: {name} warm {words(usage)}")


def stack_further(results: Results, tools: Sequence[Tool], work: Path) -> None:
    """All tools on the further nights, once, for their pictures."""
    for item in results.further:
        for tool in tools:
            stack_once(results, item, tool, 0, work)


def settle(item: FrameSet) -> None:
    """Give every run the same start: its files in the page cache, and the system at rest.

    The run before may have filled the memory, which pushes files out of the cache, and the system
    is busy for a while with what it gave back.
    """
    time.sleep(SETTLE_SECONDS)
    for path in item.paths:
        path.read_bytes()


def stack_once(results: Results, item: FrameSet, tool: Tool, number: int, work: Path) -> None:
    """One whole process of a tool on a set."""
    runs = results.of(item.name, tool.name)
    if tool.name == "seestarpy" and (why := _no_seestarpy(len(item.paths), number)):
        if not runs.process and not runs.failure:
            runs.failure = why
            results.notes.append(f"{item.name}: seestarpy was {why}")
        return
    run = tool.prepare(item.paths, work / tool.name)
    try:
        usage, said = run_measured(run.command, run.output, run.folder)
        taken = Usage(work_seconds(said), float("nan")) if tool.tells_work else None
    except ProgramError as failure:
        runs.failure = "failed"
        results.notes.append(f"{item.name}: {tool.name} failed: {failure}")
        tell(f"{item.name} round {number + 1}: {tool.name} failed: {failure}")
        return
    runs.process.append(usage)
    if taken is not None:
        runs.warm.append(taken)
    shutil.move(run.output, kept(work, item, tool.name))
    shutil.rmtree(work / tool.name)
    tell(f"{item.name} round {number + 1}: {tool.name} {words(usage)}")


def _no_seestarpy(n_frames: int, number: int) -> str:
    """Why seestarpy sits out this round of a set; empty if it runs."""
    needed = SEESTARPY_MB_PER_SUB * n_frames
    if needed > available_memory_mb():
        return f"skipped: it needs about {needed / 1024:.0f} GB of memory"
    return "run once only" if n_frames >= LARGE_SET and number > 0 else ""


def measure_memory(
    results: Results, tools: Sequence[Tool], counts: Sequence[int], rounds: int, work: Path
) -> None:
    """Peak memory and cost of whole processes of our own on ever more subs.

    In turn, and by the least of the times: their differences are what counts, and other load on
    the machine only adds to them.
    """
    s50, s30 = synthetic("sim90").paths, synthetic("s30").paths
    bases = [("S50", s50, count) for count in counts] + [("S30 Pro", s30, S30_COUNT)]
    sets = [
        FrameSet(camera, tuple(repeated(base, count, work / f"repeated-{number}")))
        for number, (camera, base, count) in enumerate(bases)
    ]
    tasks = [(item, tool) for item in sets for tool in tools]
    usages: list[list[Usage]] = [[] for _ in tasks]
    for number in range(rounds):
        for (item, tool), found in zip(tasks, usages, strict=True):
            run = tool.prepare(item.paths, work / tool.name)
            settle(item)
            found.append(run_measured(run.command, run.output, run.folder)[0])
            subs = f"{len(item.paths)} subs of the {item.name}"
            tell(f"{subs} round {number + 1}: {tool.name} {words(found[-1])}")
    for (item, tool), found in zip(tasks, usages, strict=True):
        peak = max(usage.peak_mb for usage in found)
        usage = Usage(min(map(wall, found)), min(map(cpu, found)), peak)
        results.memory.append(MemoryRun(item.name, len(item.paths), usage, tool.name))


def kept(work: Path, item: FrameSet, name: str) -> Path:
    """Where the last picture of a tool is kept."""
    return work / f"{item.name}-{name}.fits"


def words(usage: Usage) -> str:
    """What a run took."""
    peak = f", {usage.peak_mb:.0f} MB" if usage.peak_mb else ""
    return f"{usage.wall:.2f} s, {usage.cpu:.2f} CPU s{peak}"
