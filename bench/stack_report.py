"""The stacking benchmark in Markdown: tables of time, memory and quality, and the targets."""

from __future__ import annotations

import importlib.metadata
import math
import os
import platform
from collections.abc import Iterator, Sequence
from datetime import date

from bench.peers import TOOLS, siril_version
from bench.stack_results import Results, cpu, median, over, speed_ratio, wall
from bench.stack_targets import checks
from crowdsky import __version__

METHOD = """\
All tools stack the same files, one after the other in every round, a few seconds apart and with the
files in the page cache. The figures are medians over the rounds. Wall times vary with the load of
the machine, CPU times less so. Memory is the highest peak of the rounds; the cost of a further sub
is computed from the shortest times.

- *Whole process*: from starting the program to its end, with the picture written. Native is
  `python -m worker stack` without plate solving; Siril runs a script (`link`, `preprocess
  -debayer`, `register`, `stack rej 3 3 -norm=addscale -output_norm`); seestarpy runs its
  FrameCollection.
- *Warm*: for native, a job inside a running worker, from handing the task to the worker's warm
  start, which forks a process for it, to the stack on disk; for seestarpy, the work without startup
  and imports. Siril has no such mode: its whole process counts.
- *SNR*: median over a fixed list of isolated stars, the same for all tools: forced photometry in a
  3 px aperture, divided by the scatter of empty apertures, so that smoothing hardly helps (a 3 x 3
  mean of white noise gains 5 %).
- *FWHM*: median of elliptical Gaussian fits to bright stars.
- *Trail light left*: brightness of the satellite trails above their surroundings, minus the same
  along eight parallel lines, whose scatter is the error; 1 means averaged in.
- *Hot pixels left*: the 10 and the 100 brightest, along their paths over the dithered frames, in
  sigma of a pixel.
- *Flux, positions*: compared with true magnitudes (slope, scatter) and true positions (median).
  The scatter is compared with that of the best peer, on the stars that can be fitted in both
  stacks, which share the noise of the frames.
- *Nights*: sim5, sim15 and sim90 have further nights with other stars and noise, which all tools
  stack once. Quality targets apply to the mean over the nights, weighted by the errors where there
  are any; times and the quality tables are those of the first night.

Errors after a ± are statistical; a target missed by less than twice the error counts as undecided.
Two stacks of the same frames differ in SNR by about 1 % by chance.
"""


def document(results: Results, command: str, today: date) -> str:
    """The whole page docs/benchmarks.md."""
    rounds = max((len(r.process) for s in results.runs.values() for r in s.values()), default=0)
    return "\n".join(
        [
            "# Benchmarks",
            "",
            "The stacking engine compared with Siril and seestarpy; [stacking.md](stacking.md)",
            "describes how it works. Measured with",
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
        ("Memory of native", _memory_rows(results)),
        ("Quality", _quality_rows(results)),
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
    libraries = ("numpy", "numba", "seestarpy")
    found = [f"{name} {importlib.metadata.version(name)}" for name in libraries]
    siril = siril_version()
    peers = [f"Siril {siril}"] if siril else []
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
        for tool in TOOLS:
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


def _memory_rows(results: Results) -> list[list[str]]:
    return [["camera", "subs", "peak MB", "process: wall s", "CPU s"]] + [
        [
            run.camera,
            str(run.n_subs),
            number(run.usage.peak_mb, 0),
            number(run.usage.wall, 2),
            number(run.usage.cpu, 2),
        ]
        for run in results.memory
    ]


def _quality_rows(results: Results) -> list[list[str]]:
    rows = [["set", "tool", "frames used", "stars", "SNR L", "SNR R / G / B", "FWHM R / G / B px"]]
    for item in results.sets:
        for tool, found in results.quality.get(item.name, {}).items():
            if found is None:
                rows.append([item.name, tool, "its stars do not fit", *["-"] * 4])
                continue
            rows.append(
                [
                    item.name,
                    tool,
                    f"{found.used} of {len(item.paths)}",
                    str(found.n_stars),
                    number(found.snr, 2),
                    " / ".join(number(value, 1) for value in found.snr_rgb),
                    " / ".join(number(value, 2) for value in found.fwhm_rgb),
                ]
            )
    return rows


def _truth_rows(results: Results) -> list[list[str]]:
    rows = [
        ["set", "tool", "trail light left", "10 hot pixels left, sigma", "100 left",
         "flux slope", "scatter mag", "positions px"]
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
                    str(truth.scatter),
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
