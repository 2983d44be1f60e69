"""The targets that the native engine is held to, beside what was measured."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from statistics import fmean

from bench.best_weights import Estimate, mean_estimate
from bench.stack_check import Check
from bench.stack_depth_targets import depth_checks
from bench.stack_quality import StackQuality
from bench.stack_results import Results, cost_per_sub, over, speed_ratio
from bench.stack_truth import HOT, HOTTEST

WARM_AGAINST_SEIZA = {31: 8.0}
WARM_AGAINST_SIRIL = {12: 4.0, 31: 6.0, 90: 7.0}
WARM_AGAINST_SEESTARPY = {12: 10.0, 31: 12.0, 90: 14.0}
PROCESS_AGAINST_SIRIL = {31: 2.5, 90: 5.0}
"""By number of subs."""
NOW_OVER_BEFORE = 0.6
FEW_SUBS = 6
PEAK_MB = {"S50": 400.0, "S30 Pro": 900.0}
SAME_MEMORY = 1.05
"""What is kept of a frame (its stars and its sky) grows with their number, by some 45 KB each."""
CPU_SECONDS_PER_SUB = 0.06
LINEAR = 1.1
"""Within what the processor time of the same work differs from run to run here."""
Nights = list[StackQuality]
"""One tool's pictures of the nights of a kind."""
TRAIL_LEFT = {5: 0.15, 13: 0.02}
HOT_SIGMA = 0.2
SLOPE_OFF = 0.01
POSITION_PX = 0.06
ZERO_POINT_OFF_MAG = 0.02
OVER_SPAN_MAG = 0.015


def checks(results: Results) -> list[Check]:
    """All targets that something was measured for."""
    return [
        *_speed(results),
        *_memory(results),
        *_quality(results),
        *depth_checks(results),
        *_shapes(results),
    ]


def _speed(results: Results) -> Iterator[Check]:
    for item in results.sets:
        runs, count = results.runs.get(item.name, {}), len(item.paths)
        native, siril, seestarpy = (runs.get(tool) for tool in ("native", "siril", "seestarpy"))
        seiza, before = runs.get("seiza"), runs.get("before")
        if native is None:
            continue
        if seiza and seiza.process and count in WARM_AGAINST_SEIZA:
            ratio = speed_ratio(seiza.process, native.warm)
            name = f"{item.name}: warm process against seiza's fast mode"
            yield _at_least(name, ratio, WARM_AGAINST_SEIZA[count])
        if seiza and seiza.process and count <= FEW_SUBS:
            ratio = speed_ratio(native.process, seiza.process)
            yield _at_most(f"{item.name}: whole process / seiza's", ratio, NOW_OVER_BEFORE)
        if before and before.warm and native.warm:
            ratio = speed_ratio(native.warm, before.warm)
            yield _at_most(f"{item.name}: warm process now / before", ratio, NOW_OVER_BEFORE)
        if siril and siril.process and count in WARM_AGAINST_SIRIL:
            ratio = speed_ratio(siril.process, native.warm)
            name = f"{item.name}: warm process against Siril"
            yield _at_least(name, ratio, WARM_AGAINST_SIRIL[count])
        if seestarpy and seestarpy.warm and count in WARM_AGAINST_SEESTARPY:
            ratio = speed_ratio(seestarpy.warm, native.warm)
            name = f"{item.name}: warm process against seestarpy"
            yield _at_least(name, ratio, WARM_AGAINST_SEESTARPY[count])
        if siril and siril.process and count in PROCESS_AGAINST_SIRIL:
            ratio = speed_ratio(siril.process, native.process)
            name = f"{item.name}: whole process against Siril"
            yield _at_least(name, ratio, PROCESS_AGAINST_SIRIL[count])


def _at_least(figure: str, ratio: float, target: float) -> Check:
    return Check(figure, f"{ratio:.1f}x", f"at least {target:g}x faster", ratio >= target)


def _at_most(figure: str, ratio: float, target: float) -> Check:
    return Check(figure, f"{ratio:.2f}", f"at most {target:g}", ratio <= target)


def _memory(results: Results) -> Iterator[Check]:
    now = [run for run in results.memory if run.tool == "native"]
    for run in now:
        peak, limit = run.usage.peak_mb, PEAK_MB[run.camera]
        figure = f"peak memory, {run.n_subs} subs of the {run.camera}"
        yield Check(figure, f"{peak:.0f} MB", f"under {limit:.0f} MB", peak < limit)
    s50 = {run.n_subs: run for run in now if run.camera == "S50"}
    if 90 in s50 and 400 in s50:
        ratio = over(s50[400].usage.peak_mb, s50[90].usage.peak_mb)
        yield Check(
            "peak memory, 400 / 90 subs",
            f"{ratio:.3f}",
            f"1, within {SAME_MEMORY - 1:.0%}",
            ratio <= SAME_MEMORY,
        )
    costs = cost_per_sub(list(s50.values()))
    for few, many, seconds in costs:
        yield Check(
            f"cost of a further sub, {few} to {many}",
            f"{seconds:.3f} CPU s",
            f"under {CPU_SECONDS_PER_SUB} CPU s",
            seconds < CPU_SECONDS_PER_SUB,
        )
    then = [run for run in results.memory if run.tool == "before" and run.camera == "S50"]
    for (few, many, seconds), (*_, earlier) in zip(costs, cost_per_sub(then), strict=False):
        figure = f"cost of a further sub now / before, {few} to {many}"
        yield _at_most(figure, over(seconds, earlier), NOW_OVER_BEFORE)
    if len(costs) >= 2:
        growth = over(costs[-1][2], costs[-2][2])
        yield Check(
            "growth of that cost between the last two",
            f"{growth:.2f}x",
            f"linear (1x), within {LINEAR - 1:.0%}",
            growth <= LINEAR,
        )


def _shapes(results: Results) -> Iterator[Check]:
    """Stars of different shapes must keep their light: bright ones as much as faint ones."""
    for kind in results.kinds():
        found = [f for name, f in results.shapes.items() if name.partition(".")[0] == kind]
        if not found:
            continue
        name = kind if len(found) == 1 else f"{kind}, {len(found)} nights"
        zero_point = fmean(figures.zero_point for figures in found)
        over_span = fmean(figures.over_span for figures in found)
        yield _within(f"{name}: zero point against no rejection", zero_point, ZERO_POINT_OFF_MAG)
        yield _within(f"{name}: flux slope over 3 mag", over_span, OVER_SPAN_MAG)


def _within(figure: str, off: float, limit: float) -> Check:
    return Check(figure, f"{off:+.4f} mag", f"within {limit:g} mag", abs(off) <= limit)


def _quality(results: Results) -> Iterator[Check]:
    for item in results.sets:
        nights = results.nights(item.kind)
        if not nights:
            continue
        name = item.name if len(nights) == 1 else f"{item.name}, {len(nights)} nights"
        ours = [night["native"] for night in nights]
        if all("siril" in night for night in nights):
            yield from _widths(name, ours, [night["siril"] for night in nights])
        if item.truth is not None:
            yield from _against_truth(name, ours)
            yield _left_out(name, ours, len(item.paths))


def _widths(name: str, ours: Nights, sirils: Nights) -> Iterator[Check]:
    for plane, colour in enumerate("RGB"):
        width = fmean(night.fwhm_rgb[plane] for night in ours)
        limit = fmean(night.fwhm_rgb[plane] for night in sirils)
        figure, target = f"{name}: FWHM {colour}", f"at most Siril's {limit:.2f} px"
        yield Check(figure, f"{width:.2f} px", target, width <= limit)


def _against_truth(name: str, ours: Nights) -> Iterator[Check]:
    truths = [night.truth for night in ours]
    trails = [truth.trail for truth in truths if not math.isnan(truth.trail.value)]
    if trails:
        limit = TRAIL_LEFT[13] if ours[0].used >= 13 else TRAIL_LEFT[5]
        yield _below(f"{name}: trail light left", trails, limit, lambda v: f"{v:.0%}")
    hottest, hot = [truth.hottest for truth in truths], [truth.hot for truth in truths]
    for count, found in ((HOTTEST, hottest), (HOT, hot)):
        if not math.isnan(found[0].value):
            figure = f"{name}: light of the {count} brightest hot pixels"
            yield _below(figure, found, HOT_SIGMA, lambda v: f"{v:g} sigma")
    slope = fmean(truth.slope for truth in truths)
    target = "1.00 ± 0.01"
    yield Check(f"{name}: flux slope", f"{slope:.4f}", target, abs(slope - 1.0) <= SLOPE_OFF)
    position = fmean(truth.position for truth in truths)
    yield Check(
        f"{name}: positions", f"{position:.3f} px", f"under {POSITION_PX} px",
        position < POSITION_PX,
    )  # fmt: skip


def _below(
    figure: str, nights: Sequence[Estimate], limit: float, words: Callable[[float], str]
) -> Check:
    """Light that is left, or that is missing: both count."""
    found = mean_estimate(nights)
    off = abs(found.value)
    within_error = off - 2.0 * found.error < limit
    return Check(figure, str(found), f"under {words(limit)}", off < limit, within_error)


def _left_out(name: str, ours: Nights, count: int) -> Check:
    left_out = [reason for night in ours for reason in night.left_out.values()]
    used, total = sum(night.used for night in ours), count * len(ours)
    said = f"{used} of {total} used, {sum(map(bool, left_out))} with a reason"
    met = all(left_out) and used + len(left_out) == total
    return Check(f"{name}: frames left out", said, "each with a reason", met)
