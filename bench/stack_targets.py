"""The targets that the native engine is held to, beside what was measured."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from bench.stack_quality import StackQuality
from bench.stack_results import Results, cost_per_sub, speed_ratio
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
SNR_SHARE = 0.99
TRAIL_LEFT = {5: 0.15, 13: 0.02}
HOT_SIGMA = 0.2
SLOPE_OFF = 0.01
POSITION_PX = 0.06


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
    return [*_speed(results), *_memory(results), *_quality(results)]


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
        ratio = s50[400].usage.peak_mb / s50[90].usage.peak_mb
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
        growth = costs[-1][2] / costs[-2][2]
        yield Check(
            "growth of that cost between the last two",
            f"{growth:.2f}x",
            f"linear (1x), within {LINEAR - 1:.0%}",
            growth <= LINEAR,
        )


def _quality(results: Results) -> Iterator[Check]:
    ratios: list[Estimate] = []
    for item in results.sets:
        measured = results.quality.get(item.name, {})
        native = measured.get("native")
        if native is None:
            continue
        peers = {tool: q for tool, q in measured.items() if tool != "native" and q is not None}
        if peers:
            yield _snr(item.name, native, peers, clean=item.truth is None)
        if "siril" in peers:
            yield from _widths(item.name, native, peers["siril"])
        if item.truth is not None:
            yield from _against_truth(item.name, native)
            if peers:
                tool, best = min(peers.items(), key=lambda peer: peer[1].truth.scatter.value)
                ratios.append(scatter_ratio(native.truth, best.truth))
                yield _flux_scatter(f"{item.name}: flux scatter / best peer ({tool})", ratios[-1])
            yield _left_out(item.name, native, len(item.paths))
    if len(ratios) > 1:
        yield _flux_scatter("all nights: flux scatter / best peer", _mean(ratios))


def _snr(name: str, native: StackQuality, peers: dict[str, StackQuality], clean: bool) -> Check:
    tool, best = max(peers.items(), key=lambda peer: peer[1].snr)
    ratio = native.snr / best.snr
    target, met = "at least 0.99", ratio >= SNR_SHARE
    if not clean:
        target, met = "above 1", ratio > 1.0
    return Check(f"{name}: SNR in luminance / best peer ({tool})", f"{ratio:.3f}", target, met)


def _widths(name: str, native: StackQuality, siril: StackQuality) -> Iterator[Check]:
    for colour, ours, theirs in zip("RGB", native.fwhm_rgb, siril.fwhm_rgb, strict=True):
        figure = f"{name}: FWHM {colour}"
        yield Check(figure, f"{ours:.2f} px", f"at most Siril's {theirs:.2f} px", ours <= theirs)


def _against_truth(name: str, native: StackQuality) -> Iterator[Check]:
    truth = native.truth
    if not math.isnan(truth.trail.value):
        limit = TRAIL_LEFT[13] if native.used >= 13 else TRAIL_LEFT[5]
        yield _below(f"{name}: trail light left", truth.trail, limit, lambda v: f"{v:.0%}")
    for count, hot in ((HOTTEST, truth.hottest), (HOT, truth.hot)):
        if not math.isnan(hot.value):
            figure = f"{name}: light of the {count} brightest hot pixels"
            yield _below(figure, hot, HOT_SIGMA, lambda v: f"{v:g} sigma")
    slope = truth.slope
    target = "1.00 ± 0.01"
    yield Check(f"{name}: flux slope", f"{slope:.4f}", target, abs(slope - 1.0) <= SLOPE_OFF)
    yield Check(
        f"{name}: positions",
        f"{truth.position:.3f} px",
        f"under {POSITION_PX} px",
        truth.position < POSITION_PX,
    )


def _flux_scatter(figure: str, ratio: Estimate) -> Check:
    within_error = ratio.value - 2.0 * ratio.error <= 1.0
    return Check(figure, str(ratio), "at most 1", ratio.value <= 1.0, within_error)


def _mean(found: Sequence[Estimate]) -> Estimate:
    """Mean of independent figures, weighted by their errors."""
    known = [one for one in found if one.error > 0.0]
    weight = sum(one.error**-2 for one in known)
    if not known:
        return NOTHING
    return Estimate(sum(one.value * one.error**-2 for one in known) / weight, weight**-0.5)


def _below(figure: str, found: Estimate, limit: float, words: Callable[[float], str]) -> Check:
    """Light that is left, or that is missing: both count."""
    off = abs(found.value)
    within_error = off - 2.0 * found.error < limit
    return Check(figure, str(found), f"under {words(limit)}", off < limit, within_error)


def _left_out(name: str, native: StackQuality, count: int) -> Check:
    unexplained = [file for file, reason in native.left_out.items() if not reason]
    said = f"{native.used} of {count} used, {len(native.left_out) - len(unexplained)} with a reason"
    met = not unexplained and native.used + len(native.left_out) == count
    return Check(f"{name}: frames left out", said, "each with a reason", met)
