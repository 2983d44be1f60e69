"""Stacking: native, Siril, seestarpy and seiza on the same frames in one run, time and quality.

::

    ./dev bench stack [--frames DIR] [--n N ...] [--rounds R] [--sets NAME ...] [--quick] [--write]
                      [--peers NAME ...] [--against FOLDER] [--choice NAME KEY=VALUE ...]
                      [--attack]

Real frames come from DIR (default: the first night beside the repository), synthetic nights are
rendered once into a cache folder. Progress goes to standard error, the tables to standard output;
``--write`` also writes docs/benchmarks.md.

``--against`` races another checkout of this repository (``git worktree add FOLDER COMMIT``) in the
same rounds, and reports time now over time before. ``--choice`` adds the native engine with other
settings, e.g. ``--choice bilinear sharp=0``, to compare their columns, for which ``--peers``
without a name leaves the other programs out; ``--attack`` adds native's stacks after what could be
done to them, which must not improve any column.
"""

from __future__ import annotations

import argparse
import shlex
import shutil
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from bench import peers
from bench.attacks import ATTACKS, attacked
from bench.native_choice import settings
from bench.peers import NATIVE, Tool
from bench.stack_known import plant
from bench.stack_pictures import read_picture
from bench.stack_quality import detected_stars, measure_stacks
from bench.stack_race import kept, measure_memory, race, stack_further, tell
from bench.stack_report import document, other_measurements, tables
from bench.stack_results import Results
from bench.stack_runs import run_measured
from bench.stack_sets import CACHE_DIR, SHAPE_NIGHTS, FrameSet, further, real, synthetic
from bench.stack_shapes import shape_figures
from demo.services import REPOSITORY
from tests.support.real_subs import real_subs_folder

NIGHTS = ("sim5", "sim15", "simcloud", "sim90", *SHAPE_NIGHTS)
SETS = ("real", *NIGHTS, "memory")
MEMORY_COUNTS = (5, 31, 90, 400)
PLANTINGS = 3
"""Number of times that real subs get other stars and patches."""
PAGE = REPOSITORY / "docs" / "benchmarks.md"


def main(argv: Sequence[str]) -> int:
    """Measure, print the tables, and write the page if asked to; 1 when native failed."""
    parser = _parser()
    options = parser.parse_args(argv)
    for _, *words in options.choice:
        try:
            settings(words)
        except ValueError as wrong:
            parser.error(str(wrong))
    sets, notes = frame_sets(options)
    results = Results(sets, notes=notes)
    work = CACHE_DIR / "work"
    shutil.rmtree(work, ignore_errors=True)
    ours = [peers.native(), *([peers.before(options.against)] if options.against else [])]
    try:
        if sets:
            others, missing = peers.peers_here(options.peers)
            results.notes.extend(missing)
            choices = [peers.choice(name, words) for name, *words in options.choice]
            tools = [*ours, *others, *choices]
            results.tools = [tool.name for tool in tools]
            race(results, tools, options.rounds, work, options.against)
            results.further = further_nights(sets, options.quick, work)
            stack_further(results, tools, work)
            judge(results, tools, work, options.attack)
            judge_shapes(results, work)
        if "memory" in options.sets:
            measure_memory(results, ours, options.memory, options.rounds, work)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    print(tables(results))
    if options.write:
        rest = other_measurements(PAGE.read_text(encoding="utf-8"))
        measured = document(results, _command(argv), datetime.now(UTC).date())
        PAGE.write_text(measured + rest, encoding="utf-8")
        tell(f"wrote {PAGE.relative_to(REPOSITORY)}")
    return int(any(runs[NATIVE].failure for runs in results.runs.values()))


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


def further_nights(sets: Sequence[FrameSet], quick: bool, work: Path) -> list[FrameSet]:
    """More nights like the synthetic ones, and the real subs with known stars planted in them."""
    found: list[FrameSet] = []
    for item in sets:
        if item.truth is None:
            found.extend(planted(item, number, work) for number in range(1 if quick else PLANTINGS))
        elif not quick:
            tell(f"{item.name}: further nights from the cache, or rendered now")
            found.extend(further(item.name))
    return found


def planted(item: FrameSet, number: int, work: Path) -> FrameSet:
    """The same real subs with stars and patches in them, placed by the stack that native made."""
    stack = kept(work, item, NATIVE)
    field = detected_stars(read_picture(NATIVE, stack, len(item.paths)))
    name = f"{item.name}.planted{number + 1}"
    rng = np.random.default_rng([len(item.paths), number])
    paths, known = plant(item.paths, stack, work / name, field, rng)
    return FrameSet(name, tuple(paths), known=known)


def judge(results: Results, tools: Sequence[Tool], work: Path, attack: bool) -> None:
    """Measure the quality of the last pictures."""
    for item in (*results.sets, *results.further):
        tell(f"{item.name}: measuring the pictures")
        pictures = {
            tool.name: read_picture(tool.reader, kept(work, item, tool.name), len(item.paths))
            for tool in tools
            if results.of(item.name, tool.name).process
        }
        if attack and NATIVE in pictures:
            pictures |= {name: attacked(pictures[NATIVE], name) for name in ATTACKS}
        results.quality[item.name] = measure_stacks(
            pictures, item.known, item.truth, len(item.paths)
        )


def judge_shapes(results: Results, work: Path) -> None:
    """Measure what rejection takes from the stars of nights with stars of different shapes."""
    unclipped = peers.native("--sigma-clip", "0")
    for item in (*results.sets, *results.further):
        if item.kind not in SHAPE_NIGHTS or not results.of(item.name, NATIVE).process:
            continue
        run = unclipped.prepare(item.paths, work / NATIVE)
        run_measured(run.command, run.output)
        count = len(item.paths)
        results.shapes[item.name] = shape_figures(
            read_picture(NATIVE, kept(work, item, NATIVE), count),
            read_picture(NATIVE, run.output, count),
        )


def _command(argv: Sequence[str]) -> str:
    """The command line with DIR for folders of this machine, which are nobody's business."""
    shown = list(argv)
    for option in ("--frames", "--against"):
        if option in shown:
            shown[shown.index(option) + 1] = "DIR"
    return shlex.join(["./dev", "bench", "stack", *shown])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="bench stack", description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("--frames", type=Path, metavar="DIR", help="a folder of real subs")
    add("--n", type=int, nargs="+", metavar="N", help="number of real subs (default all)")
    add("--rounds", type=int, default=3)
    add("--sets", nargs="+", choices=SETS, default=list(SETS))
    add("--memory", type=int, nargs="+", metavar="N", default=list(MEMORY_COUNTS),
        help="numbers of S50 subs of the set 'memory'")  # fmt: skip
    add("--peers", nargs="*", choices=peers.PEERS, default=list(peers.PEERS),
        help="other programs to compare with (default all)")  # fmt: skip
    add("--quick", action="store_true", help="one night of each kind only")
    add("--against", type=_checkout, metavar="FOLDER", help="another checkout, raced too")
    add("--choice", nargs="+", action="append", default=[], metavar=("NAME", "KEY=VALUE"),
        help="the native engine with other settings (bench/native_choice.py)")  # fmt: skip
    add("--attack", action="store_true", help="also measure smoothed and sharpened stacks")
    add("--write", action="store_true", help="write docs/benchmarks.md")
    return parser


def _checkout(word: str) -> Path:
    folder = Path(word).resolve()
    if not (folder / "worker" / "__main__.py").is_file():
        raise argparse.ArgumentTypeError(f"{folder} is no checkout of this repository")
    return folder
