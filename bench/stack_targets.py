"""The targets that the native engine is held to, beside what was measured."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from statistics import fmean

from bench.stack_quality import StackQuality
from bench.stack_results import Results, cost_per_sub, over, speed_ratio
from bench.stack_truth import HOT, HOTTEST, NOTHING, Estimate, scatter_ratio

WARM_AGAINST_SIRIL = {12: 4.0, 31: 6.0, 90: 7.0}
WARM_AGAINST_SEESTARPY = {12: 10.0, 31: 12.0, 90: 14.0}
PROCESS_AGAINST_SIRIL = {31: 2.5, 90: 5.0}
"""By number of subs."""
PEAK_MB = {"S50": 400.0, "S30 Pro": 900.0}
SAME_MEMORY = 1.05
"""What is kept of a frame (its stars and its sky) grows with their number, by some 45 KB each."""
CPU_SECONDS_PER_SUB = 0.06
LINEAR = 1.1
"""Within what the processor time of the same work differs from run to run here."""
Nights = list[StackQuality]
"""One tool's pictures of the nights of a kind."""
SNR_SHARE = 0.99
TRAIL_LEFT = {5: 0.15, 13: 0.02}
HOT_SIGMA = 0.2
SLOPE_OFF = 0.01
POSITION_PX = 0.06
ZERO_POINT_OFF_MAG = 0.02
OVER_SPAN_MAG = 0.015


@dataclass(frozen=True, slots=True)
class Check:
    """One figure, what it should be, and whether it is."""

    figure: str
    measured: str
    target: str
    met: bool
    within_error: bool = False
    """Not met, but by less than twice the statistical error."""

    @property
    def verdict(self) -> str:
        """One word or two for the table."""
        if self.met:
            return "yes"
        return "undecided" if self.within_error else "**no**"


def checks(results: Results) -> list[Check]:
    """All targets that something was measured for."""
    return [*_speed(results), *_memory(results), *_quality(results), *_shapes(results)]


def _speed(results: Results) -> Iterator[Check]:
    for item in results.sets:
        runs, count = results.runs.get(item.name, {}), len(item.paths)
        native, siril, seestarpy = (runs.get(tool) for tool in ("native", "siril", "seestarpy"))
        if native is None:
            continue
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


def _memory(results: Results) -> Iterator[Check]:
    for run in results.memory:
        peak, limit = run.usage.peak_mb, PEAK_MB[run.camera]
        figure = f"peak memory, {run.n_subs} subs of the {run.camera}"
        yield Check(figure, f"{peak:.0f} MB", f"under {limit:.0f} MB", peak < limit)
    s50 = {run.n_subs: run for run in results.memory if run.camera == "S50"}
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
    for name, found in results.shapes.items():
        yield _within(
            f"{name}: zero point against no rejection", found.zero_point, ZERO_POINT_OFF_MAG
        )
        yield _within(f"{name}: flux slope over 3 mag", found.over_span, OVER_SPAN_MAG)


def _within(figure: str, off: float, limit: float) -> Check:
    return Check(figure, f"{off:+.4f} mag", f"within {limit:g} mag", abs(off) <= limit)


def _quality(results: Results) -> Iterator[Check]:
    ratios: list[Estimate] = []
    for item in results.sets:
        nights = results.nights(item.kind)
        if not nights:
            continue
        name = item.name if len(nights) == 1 else f"{item.name}, {len(nights)} nights"
        ours = [night["native"] for night in nights]
        peers = {
            tool: [night[tool] for night in nights]
            for tool in nights[0]
            if tool != "native" and all(tool in night for night in nights)
        }
        if peers:
            yield _snr(name, ours, peers, clean=item.truth is None)
        if "siril" in peers:
            yield from _widths(name, ours, peers["siril"])
        if item.truth is not None:
            yield from _against_truth(name, ours)
            if peers:
                tool, found = _scatter_against(ours, peers)
                ratios.append(found)
                yield _flux_scatter(f"{name}: flux scatter / best peer ({tool})", found)
            yield _left_out(name, ours, len(item.paths))
    if len(ratios) > 1:
        yield _flux_scatter("all nights: flux scatter / best peer", _mean_ratio(ratios))


def _snr(name: str, ours: Nights, peers: dict[str, Nights], clean: bool) -> Check:
    """Against the peer that comes nearest, on average over the nights."""
    ratios = {
        tool: fmean(over(mine.snr, other.snr) for mine, other in zip(ours, theirs, strict=True))
        for tool, theirs in peers.items()
    }
    tool, ratio = min(ratios.items(), key=lambda found: found[1])
    target, met = "at least 0.99", ratio >= SNR_SHARE
    if not clean:
        target, met = "above 1", ratio > 1.0
    return Check(f"{name}: SNR in luminance / best peer ({tool})", f"{ratio:.3f}", target, met)


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


def _scatter_against(ours: Nights, peers: dict[str, Nights]) -> tuple[str, Estimate]:
    """The peer that comes nearest, and our scatter of magnitudes over its."""
    truths = [night.truth for night in ours]
    ratios = {
        tool: scatter_ratio(truths, [night.truth for night in theirs])
        for tool, theirs in peers.items()
    }
    known = {tool: ratio for tool, ratio in ratios.items() if not math.isnan(ratio.value)}
    if not known:
        return next(iter(peers)), NOTHING
    return max(known.items(), key=lambda found: found[1].value)


def _flux_scatter(figure: str, ratio: Estimate) -> Check:
    within_error = ratio.value - 2.0 * ratio.error <= 1.0
    return Check(figure, str(ratio), "at most 1", ratio.value <= 1.0, within_error)


def _mean_ratio(ratios: Sequence[Estimate]) -> Estimate:
    """Mean of independent ratios by their relative errors, so that small ones do not count more."""
    logarithms = [
        Estimate(math.log(ratio.value), ratio.error / ratio.value)
        for ratio in ratios
        if ratio.error > 0.0
    ]
    mean = _mean(logarithms)
    return Estimate(math.exp(mean.value), math.exp(mean.value) * mean.error)


def _mean(found: Sequence[Estimate]) -> Estimate:
    """Mean of independent figures, weighted by their errors."""
    known = [one for one in found if one.error > 0.0]
    weight = sum(one.error**-2 for one in known)
    if not known:
        return NOTHING
    return Estimate(sum(one.value * one.error**-2 for one in known) / weight, weight**-0.5)


def _below(
    figure: str, nights: Sequence[Estimate], limit: float, words: Callable[[float], str]
) -> Check:
    """Light that is left, or that is missing: both count."""
    found = _mean(nights)
    off = abs(found.value)
    within_error = off - 2.0 * found.error < limit
    return Check(figure, str(found), f"under {words(limit)}", off < limit, within_error)


def _left_out(name: str, ours: Nights, count: int) -> Check:
    left_out = [reason for night in ours for reason in night.left_out.values()]
    used, total = sum(night.used for night in ours), count * len(ours)
    said = f"{used} of {total} used, {sum(map(bool, left_out))} with a reason"
    met = all(left_out) and used + len(left_out) == total
    return Check(f"{name}: frames left out", said, "each with a reason", met)
