"""Stacking: native, Siril and seestarpy on the same frames in the same run, time and quality.

::

    ./dev bench stack [--frames DIR] [--n N ...] [--rounds R] [--sets NAME ...] [--quick] [--write]

Real frames come from DIR (default: the first night beside the repository), synthetic nights are
rendered once into a cache folder. Progress goes to standard error, the tables to standard output;
``--write`` also writes docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import shlex
import shutil
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from bench import peers
from bench.stack_pictures import read_picture
from bench.stack_quality import measure_stacks
from bench.stack_report import document, tables
from bench.stack_results import MemoryRun, Results, cpu, wall
from bench.stack_runs import (
    ProgramError,
    Usage,
    WarmProcess,
    available_memory_mb,
    run_measured,
)
from bench.stack_sets import (
    CACHE_DIR,
    SHAPE_NIGHTS,
    FrameSet,
    further,
    real,
    repeated,
    synthetic,
)
from bench.stack_shapes import shape_figures
from demo.services import REPOSITORY
from tests.support.real_subs import real_subs_folder

NIGHTS = ("sim5", "sim15", "simcloud", "sim90", *SHAPE_NIGHTS)
SETS = ("real", *NIGHTS, "memory")
MEMORY_COUNTS = (5, 31, 90, 400)
S30_COUNT = 90
SEESTARPY_MB_PER_SUB = 210.0
SETTLE_SECONDS = 3.0
LARGE_SET = 60
"""From so many frames on seestarpy gets one round: a minute and 16 GB each."""
PAGE = REPOSITORY / "docs" / "benchmarks.md"


def main(argv: Sequence[str]) -> int:
    """Measure, print the tables, and write the page if asked to; 1 when native failed."""
    options = _parser().parse_args(argv)
    sets, notes = frame_sets(options)
    more = [night for item in sets if not options.quick for night in further(item.name)]
    results = Results(sets, notes=notes, further=more)
    work = CACHE_DIR / "work"
    shutil.rmtree(work, ignore_errors=True)
    try:
        if sets:
            tools = tools_here(results)
            race(results, tools, options.rounds, work)
            stack_further(results, tools, work)
            judge(results, work)
            judge_shapes(results, work)
        if "memory" in options.sets:
            measure_memory(results, options.memory, options.rounds, work)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    print(tables(results))
    if options.write:
        PAGE.write_text(
            document(results, _command(argv), datetime.now(UTC).date()), encoding="utf-8"
        )
        tell(f"wrote {PAGE.relative_to(REPOSITORY)}")
    return int(any(runs["native"].failure for runs in results.runs.values()))


def tell(message: str) -> None:
    """Progress for who waits."""
    print(f"{time.strftime('%H:%M:%S')} {message}", file=sys.stderr, flush=True)


def frame_sets(options: argparse.Namespace) -> tuple[list[FrameSet], list[str]]:
    """The sets that were asked for, and what is missing."""
    sets: list[FrameSet] = []
    notes: list[str] = []
    if "real" in options.sets:
        folder = options.frames or next(iter(sorted(real_subs_folder().glob("*/"))), None)
        if folder is None:
            notes.append("there are no real frames here; name a folder of them with --frames")
        else:
            sets.extend(real(folder, count) for count in options.n or [None])
    for name in NIGHTS:
        if name in options.sets:
            tell(f"{name}: from the cache, or rendered now")
            sets.append(synthetic(name))
    return sets, notes


def tools_here(results: Results) -> list[str]:
    """The tools that can be raced; a note tells what is missing."""
    if peers.siril_version():
        return list(peers.TOOLS)
    results.notes.append(peers.SIRIL_MISSING)
    return [tool for tool in peers.TOOLS if tool != "siril"]


def race(results: Results, tools: Sequence[str], rounds: int, work: Path) -> None:
    """All tools on all sets, in turn, round after round; the last pictures stay in ``work``."""
    with WarmProcess() as warm:
        (work / "warm").mkdir(parents=True)
        first = results.sets[0]
        warm.stack(first.paths, work / "warm" / "first.fits")
        for number in range(rounds):
            # Every round begins with another tool, so that none has always the same neighbour.
            turn = [*tools[number % len(tools) :], *tools[: number % len(tools)]]
            for item in results.sets:
                for tool in turn:
                    settle(item)
                    _run(results, item, tool, number, work)
                settle(item)
                usage = warm.stack(item.paths, work / "warm" / "stack.fits")
                results.of(item.name, "native").warm.append(usage)
                tell(f"{item.name} round {number + 1}: native warm {_words(usage)}")


def stack_further(results: Results, tools: Sequence[str], work: Path) -> None:
    """All tools on the further nights, once, for their pictures."""
    for item in results.further:
        for tool in tools:
            _run(results, item, tool, 0, work)


def settle(item: FrameSet) -> None:
    """Give every run the same start: its files in the page cache, and the system at rest.

    The run before may have filled the memory, which pushes files out of the cache, and the system
    is busy for a while with what it gave back.
    """
    time.sleep(SETTLE_SECONDS)
    for path in item.paths:
        path.read_bytes()


def _run(results: Results, item: FrameSet, tool: str, number: int, work: Path) -> None:
    """One whole process of a tool on a set."""
    runs = results.of(item.name, tool)
    if tool == "seestarpy" and (why := _no_seestarpy(len(item.paths), number)):
        if not runs.process and not runs.failure:
            runs.failure = why
            results.notes.append(f"{item.name}: seestarpy was {why}")
        return
    run = peers.prepare(tool, item.paths, work / tool)
    try:
        usage, said = run_measured(run.command, run.output)
    except ProgramError as failure:
        runs.failure = "failed"
        results.notes.append(f"{item.name}: {tool} failed: {failure}")
        tell(f"{item.name} round {number + 1}: {tool} failed: {failure}")
        return
    runs.process.append(usage)
    if tool == "seestarpy":
        runs.warm.append(Usage(peers.work_seconds(said), float("nan")))
    shutil.move(run.output, _kept(work, item, tool))
    shutil.rmtree(work / tool)
    tell(f"{item.name} round {number + 1}: {tool} {_words(usage)}")


def _no_seestarpy(n_frames: int, number: int) -> str:
    """Why seestarpy sits out this round of a set; empty if it runs."""
    needed = SEESTARPY_MB_PER_SUB * n_frames
    if needed > available_memory_mb():
        return f"skipped: it needs about {needed / 1024:.0f} GB of memory"
    return "run once only" if n_frames >= LARGE_SET and number > 0 else ""


def judge(results: Results, work: Path) -> None:
    """Measure the quality of the last pictures."""
    for item in (*results.sets, *results.further):
        tell(f"{item.name}: measuring the pictures")
        pictures = {
            tool: read_picture(tool, _kept(work, item, tool), len(item.paths))
            for tool, runs in results.runs[item.name].items()
            if runs.process
        }
        results.quality[item.name] = measure_stacks(pictures, item.truth)


def judge_shapes(results: Results, work: Path) -> None:
    """Measure what rejection takes from the stars of nights with stars of different shapes."""
    for item in results.sets:
        if item.kind not in SHAPE_NIGHTS or not results.of(item.name, "native").process:
            continue
        run = peers.prepare("native", item.paths, work / "native", "--sigma-clip", "0")
        run_measured(run.command, run.output)
        count = len(item.paths)
        results.shapes[item.name] = shape_figures(
            read_picture("native", _kept(work, item, "native"), count),
            read_picture("native", run.output, count),
        )


def measure_memory(results: Results, counts: Sequence[int], rounds: int, work: Path) -> None:
    """Peak memory and cost of whole native processes on ever more subs.

    In turn, and by the least of the times: their differences are what counts, and other load on
    the machine only adds to them.
    """
    s50, s30 = synthetic("sim90").paths, synthetic("s30").paths
    bases = [("S50", s50, count) for count in counts] + [("S30 Pro", s30, S30_COUNT)]
    sets = [
        FrameSet(camera, tuple(repeated(base, count, work / f"repeated-{number}")))
        for number, (camera, base, count) in enumerate(bases)
    ]
    usages: list[list[Usage]] = [[] for _ in sets]
    for number in range(rounds):
        for item, found in zip(sets, usages, strict=True):
            run = peers.prepare("native", item.paths, work / "native")
            settle(item)
            found.append(run_measured(run.command, run.output)[0])
            subs = f"{len(item.paths)} subs of the {item.name}"
            tell(f"{subs} round {number + 1}: {_words(found[-1])}")
    for item, found in zip(sets, usages, strict=True):
        peak = max(usage.peak_mb for usage in found)
        usage = Usage(min(map(wall, found)), min(map(cpu, found)), peak)
        results.memory.append(MemoryRun(item.name, len(item.paths), usage))


def _kept(work: Path, item: FrameSet, tool: str) -> Path:
    return work / f"{item.name}-{tool}.fits"


def _words(usage: Usage) -> str:
    peak = f", {usage.peak_mb:.0f} MB" if usage.peak_mb else ""
    return f"{usage.wall:.2f} s, {usage.cpu:.2f} CPU s{peak}"


def _command(argv: Sequence[str]) -> str:
    """The command line with DIR for the folder of real frames, which is nobody's business."""
    shown = list(argv)
    if "--frames" in shown:
        shown[shown.index("--frames") + 1] = "DIR"
    return shlex.join(["./dev", "bench", "stack", *shown])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="bench stack", description=__doc__.splitlines()[0])
    parser.add_argument("--frames", type=Path, metavar="DIR", help="a folder of real subs")
    parser.add_argument(
        "--n", type=int, nargs="+", metavar="N", help="so many of the real subs (default all)"
    )
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--sets", nargs="+", choices=SETS, default=list(SETS))
    parser.add_argument(
        "--memory", type=int, nargs="+", metavar="N", default=list(MEMORY_COUNTS),
        help="numbers of S50 subs of the set 'memory'",
    )  # fmt: skip
    parser.add_argument("--quick", action="store_true", help="one night of each kind only")
    parser.add_argument("--write", action="store_true", help="write docs/benchmarks.md")
    return parser
