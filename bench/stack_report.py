"""The stacking benchmark in Markdown: tables of time, memory and quality, and the targets."""

from __future__ import annotations

import importlib.metadata
import math
import os
import platform
from collections.abc import Iterator, Sequence
from datetime import date

from bench.best_weights import NOTHING, Estimate
from bench.patches import SIZES_PX, STREAKS
from bench.peers import BEFORE, NATIVE, seiza_python, seiza_version, siril_version
from bench.stack_depth import ABOVE_BEST, columns
from bench.stack_depth_targets import COMPLETENESS, WIDTH
from bench.stack_method import METHOD
from bench.stack_results import Results, cpu, median, over, speed_ratio, wall
from bench.stack_targets import checks
from crowdsky import __version__

OTHER_MEASUREMENTS = "## Other measurements"


def other_measurements(page: str) -> str:
    """The end of an earlier page, which other benchmarks have measured; it stays."""
    place = page.find(f"\n{OTHER_MEASUREMENTS}\n")
    return page[place:] if place >= 0 else ""


def document(results: Results, command: str, today: date) -> str:
    """The whole page docs/benchmarks.md."""
    rounds = max((len(r.process) for s in results.runs.values() for r in s.values()), default=0)
    return "\n".join(
        [
            "# Benchmarks",
            "",
            "The stacking engine compared with Siril, seestarpy and seiza;",
            "[stacking.md](stacking.md) describes how it works. Measured with",
            "",
            f"```sh\n{command}\n```",
            "",
            f"on {today.isoformat()} (rounds: {rounds}; {machine()};",
            f"{versions()}).",
            "",
            "## How it is measured",
            "",
            METHOD,
            tables(results),
        ]
    )


def tables(results: Results) -> str:
    """All tables that there is something for."""
    sections = [
        ("Targets", _target_rows(results)),
        ("Time", _time_rows(results)),
        ("Time now and before", _before_rows(results)),
        ("Memory of native", _memory_rows(results)),
        ("Stars", _star_rows(results)),
        ("Surface brightness", _patch_rows(results)),
        ("Frames and widths", _quality_rows(results)),
        ("Against truth", _truth_rows(results)),
    ]
    parts = [f"## {title}\n\n{table(rows)}\n" for title, rows in sections if len(rows) > 1]
    left_out = list(_left_out(results))
    if left_out:
        lines = "\n".join(left_out)
        parts.append(f"## Frames that native left out\n\n{lines}\n")
    if results.notes:
        lines = "\n".join(f"- {note}" for note in results.notes)
        parts.append(f"## Notes\n\n{lines}\n")
    return "\n".join(parts)


def table(rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table; the first row is its head."""
    head, *body = ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join([head, "|" + "---|" * len(rows[0]), *body])


def machine() -> str:
    """The machine in general terms."""
    if hasattr(os, "sched_getaffinity"):
        cores = len(os.sched_getaffinity(0))
    else:
        cores = os.cpu_count() or 1
    return f"{cores} {platform.machine()} cores, {platform.system()}"


def versions() -> str:
    """What was compared."""
    libraries = ("numpy", "seestarpy")
    found = [f"{name} {importlib.metadata.version(name)}" for name in libraries]
    siril = siril_version()
    peers = [f"Siril {siril}"] if siril else []
    python = seiza_python()
    if python is not None:
        peers.append(f"seiza {seiza_version(python)}")
    return ", ".join(
        [f"CrowdSky {__version__}", f"Python {platform.python_version()}", *found, *peers]
    )


def _target_rows(results: Results) -> list[list[str]]:
    head = ["figure", "measured", "target", "met"]
    return [head] + [
        [check.figure, check.measured, check.target, check.verdict] for check in checks(results)
    ]


def _time_rows(results: Results) -> list[list[str]]:
    rows = [
        ["set", "frames", "tool", "process: wall s", "CPU s", "peak MB", "warm: wall s", "CPU s",
         "process / native", "warm / native", "CPU: process / native warm"]
    ]  # fmt: skip
    for item in results.sets:
        runs = results.runs.get(item.name, {})
        native = runs.get("native")
        for tool in results.tools:
            run = runs.get(tool)
            if run is None or native is None:
                continue
            if run.failure:
                rows.append([item.name, str(len(item.paths)), tool, run.failure, *["-"] * 7])
                continue
            rows.append(
                [
                    item.name,
                    str(len(item.paths)),
                    tool,
                    number(median(run.process, wall), 2),
                    number(median(run.process, cpu), 2),
                    number(median(run.process, lambda usage: usage.peak_mb), 0),
                    number(median(run.warm, wall), 2),
                    number(median(run.warm, cpu), 2),
                    number(speed_ratio(run.process, native.process), 1),
                    number(speed_ratio(run.warm or run.process, native.warm), 1),
                    number(over(median(run.process, cpu), median(native.warm, cpu)), 1),
                ]
            )
    return rows


def _before_rows(results: Results) -> list[list[str]]:
    """Our times over those of another checkout that ran in the same rounds."""
    rows = [["set", "process: wall, now / before", "CPU", "warm: wall, now / before", "CPU"]]
    for item in results.sets:
        runs = results.runs.get(item.name, {})
        if BEFORE not in runs or NATIVE not in runs:
            continue
        now, then = runs[NATIVE], runs[BEFORE]
        pairs = ((now.process, then.process), (now.warm, then.warm))
        figures = [
            number(over(median(ours, figure), median(theirs, figure)), 2)
            for ours, theirs in pairs
            for figure in (wall, cpu)
        ]
        rows.append([item.name, *figures])
    return rows


def _memory_rows(results: Results) -> list[list[str]]:
    return [["camera", "subs", "tool", "peak MB", "process: wall s", "CPU s"]] + [
        [
            run.camera,
            str(run.n_subs),
            run.tool,
            number(run.usage.peak_mb, 0),
            number(run.usage.wall, 2),
            number(run.usage.cpu, 2),
        ]
        for run in results.memory
    ]


STAR_COLUMNS = {
    "flux, faint": 100.0,
    "flux, middle": 100.0,
    "flux, bright": 100.0,
    ABOVE_BEST: 100.0,
    COMPLETENESS: 100.0,
    "place": 1.0,
    "colour": 1.0,
    WIDTH: 1.0,
}
"""Columns, and what they are multiplied by for the table: 100 makes per cent."""


def _star_rows(results: Results) -> list[list[str]]:
    heads = [f"{name} %" if scale == 100.0 else name for name, scale in STAR_COLUMNS.items()]
    heads = [head.replace("place", "place px").replace("colour", "colour mag") for head in heads]
    heads[-1] = "FWHM by information px"
    rows = [["set", "tool", *heads]]
    for kind, tool, found in _depths(results):
        rows.append([kind, tool, *(_scaled(found[name], s) for name, s in STAR_COLUMNS.items())])
    return rows


def _patch_rows(results: Results) -> list[list[str]]:
    kinds = [f"discs of {size} px" for size in SIZES_PX] + [
        f"streaks of {size} px" for size in STREAKS
    ]
    rows = [["set", "tool", *(f"{kind} %" for kind in kinds)]]
    for name, tool, found in _depths(results):
        rows.append([name, tool, *(_scaled(found.get(kind, NOTHING), 100.0) for kind in kinds)])
    return rows


def _depths(results: Results) -> Iterator[tuple[str, str, dict[str, Estimate]]]:
    """The columns of all nights of each kind, by tool."""
    for kind in results.kinds():
        for tool, nights in results.depths(kind).items():
            yield kind, tool, columns(nights)


def _scaled(found: Estimate, scale: float) -> str:
    if math.isnan(found.value):
        return "-"
    digits = 1 if scale == 100.0 else 3
    return f"{number(scale * found.value, digits)} ± {number(scale * found.error, digits)}"


def _quality_rows(results: Results) -> list[list[str]]:
    rows = [["set", "tool", "frames used", "stars", "FWHM R / G / B px"]]
    for item in results.sets:
        for tool, found in results.quality.get(item.name, {}).items():
            if found is None:
                rows.append([item.name, tool, "its stars do not fit", *["-"] * 2])
                continue
            rows.append(
                [
                    item.name,
                    tool,
                    f"{found.used} of {len(item.paths)}",
                    str(found.n_stars),
                    " / ".join(number(value, 2) for value in found.fwhm_rgb),
                ]
            )
    return rows


def _truth_rows(results: Results) -> list[list[str]]:
    rows = [
        ["set", "tool", "trail light left", "10 hot pixels left, sigma", "100 left",
         "flux slope", "positions px"]
    ]  # fmt: skip
    for item in results.sets:
        for tool, found in results.quality.get(item.name, {}).items():
            if item.truth is None or found is None:
                continue
            truth = found.truth
            rows.append(
                [
                    item.name,
                    tool,
                    str(truth.trail),
                    str(truth.hottest),
                    str(truth.hot),
                    number(truth.slope, 3),
                    number(truth.position, 3),
                ]
            )
    return rows


def _left_out(results: Results) -> Iterator[str]:
    for item in results.sets:
        native = results.quality.get(item.name, {}).get("native")
        if native is None:
            continue
        for index, path in enumerate(item.paths):
            if path.name in native.left_out:
                yield f"- {item.name}, frame {index}: {native.left_out[path.name]}"


def number(value: float, digits: int) -> str:
    """A figure with so many digits; a dash for none."""
    return "-" if math.isnan(value) else f"{value:.{digits}f}"
