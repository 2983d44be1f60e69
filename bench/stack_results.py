"""What the stacking benchmark has measured: the records behind its tables."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from bench.peers import PEERS
from bench.stack_depth import Depth
from bench.stack_quality import StackQuality
from bench.stack_runs import Usage
from bench.stack_sets import FrameSet
from bench.stack_shapes import ShapeFigures


@dataclass(slots=True)
class ToolRuns:
    """The runs of one tool on one set: whole processes, and work inside a running one."""

    process: list[Usage] = field(default_factory=list)
    warm: list[Usage] = field(default_factory=list)
    failure: str = ""


@dataclass(frozen=True, slots=True)
class MemoryRun:
    """Whole processes of our own on so many subs of a camera: least times, highest peak."""

    camera: str
    n_subs: int
    usage: Usage
    tool: str = "native"


@dataclass(slots=True)
class Results:
    """Everything of one benchmark run; ``runs`` and ``quality`` by set, then by tool.

    ``further`` are more nights like those of ``sets``, of which only the pictures are measured.
    """

    sets: list[FrameSet]
    runs: dict[str, dict[str, ToolRuns]] = field(default_factory=dict)
    quality: dict[str, dict[str, StackQuality | None]] = field(default_factory=dict)
    memory: list[MemoryRun] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    further: list[FrameSet] = field(default_factory=list)
    shapes: dict[str, ShapeFigures] = field(default_factory=dict)
    """By set: what rejection takes from stars of different shapes."""
    tools: list[str] = field(default_factory=lambda: ["native", *PEERS])
    """Names in the order of the tables."""

    def of(self, name: str, tool: str) -> ToolRuns:
        """The runs of a tool on a set, empty ones if there are none yet."""
        return self.runs.setdefault(name, {}).setdefault(tool, ToolRuns())

    def nights(self, kind: str) -> list[dict[str, StackQuality]]:
        """What was measured of all nights of a kind that native has a picture of, by tool."""
        names = [item.name for item in (*self.sets, *self.further) if item.kind == kind]
        measured = [
            {tool: found for tool, found in self.quality.get(name, {}).items() if found is not None}
            for name in names
        ]
        return [found for found in measured if "native" in found]

    def depths(self, kind: str) -> dict[str, list[Depth]]:
        """What is known about all nights of a kind that native has a picture of, by tool.

        Only of tools that have one of each of these nights.
        """
        nights = [
            {tool: figures.depth for tool, figures in night.items() if figures.depth is not None}
            for night in self.nights(kind)
        ]
        nights = [night for night in nights if "native" in night]
        if not nights:
            return {}
        return {
            tool: [night[tool] for night in nights]
            for tool in nights[0]
            if all(tool in night for night in nights)
        }

    def kinds(self) -> list[str]:
        """The kinds of nights, in the order of the sets."""
        return list(dict.fromkeys(item.kind for item in self.sets))


def median(usages: Sequence[Usage], figure: Callable[[Usage], float]) -> float:
    """Median of a figure over several runs; NaN without any."""
    return statistics.median(map(figure, usages)) if usages else math.nan


def wall(usage: Usage) -> float:
    """Its wall time, for ``median``."""
    return usage.wall


def cpu(usage: Usage) -> float:
    """Its processor time, for ``median``."""
    return usage.cpu


def over(one: float, other: float) -> float:
    """One figure over another; NaN, which meets no target, where there is nothing to compare."""
    return one / other if other > 0.0 else math.nan


def speed_ratio(slower: Sequence[Usage], faster: Sequence[Usage]) -> float:
    """How many times as long ``slower`` took: ratio of the median wall times."""
    return over(median(slower, wall), median(faster, wall))


def cost_per_sub(runs: Sequence[MemoryRun]) -> list[tuple[int, int, float]]:
    """(from, to, processor seconds) per further sub between runs of growing numbers of subs."""
    ordered = sorted(runs, key=lambda run: run.n_subs)
    return [
        (few.n_subs, many.n_subs, (many.usage.cpu - few.usage.cpu) / (many.n_subs - few.n_subs))
        for few, many in pairwise(ordered)
    ]
