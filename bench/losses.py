"""Where depth is lost: stacks of synthetic nights with one thing after the other replaced by truth.

::

    ./dev bench losses [--sets NAME ...] [--nights N]

Each night is stacked by the native engine as it is, then with the true places, scales, sky or
weights of its subs, with samples that are not rounded, from subs that nothing has spoilt and
without rejection, with cloudy subs in, and with all truth at once. What the scatter of star light
about truth loses thereby, the engine loses. Errors are those of a bootstrap over the stars. Weights
of the measurement, which the columns choose on the stars of the same nights, cost all programs the
same; the last table says how much.
"""

from __future__ import annotations

import argparse
import contextlib
import tempfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from unittest import mock

import numpy as np

from bench.best_weights import (
    NOTHING,
    Estimate,
    best_combination,
    best_errors,
    mean_ratio,
    spread_ratio,
    usual,
)
from bench.losses_truth import MEASURED, PLACES, SCALES, SKY, WEIGHTS, known_layers, unspoilt
from bench.stack_depth import ABOVE_BEST, LUMINANCE, SNR_BINS, Depth, columns, deviations
from bench.stack_pictures import Picture, native_picture
from bench.stack_quality import StackQuality, measure_stacks
from bench.stack_race import tell
from bench.stack_sets import FURTHER_NIGHTS, NIGHTS, FrameSet, synthetic
from bench.stack_variance import StatedVariance, reduced_chi_square
from crowdsky.stacking.engine import Masters, StackedPicture, StackOptions
from crowdsky.stacking.engines import native
from crowdsky.stacking.integration import integrate
from crowdsky.stacking.integration.bands import cpus
from crowdsky.stacking.integration.samples import SampleFormat
from crowdsky.stacking.registration import quality

SETS = ("sim5", "sim15", "wind", "mixed", "simcloud")
DRAWS = 400
FLUX = tuple(f"flux, {name}" for name in SNR_BINS)
SURFACES = ("discs", "streaks")
AS_IT_IS = "as it is"
EXACT = SampleFormat(np.float32)


@dataclass(frozen=True, slots=True)
class Replaced:
    """What is replaced in a stack: by truth, or by doing without.

    ``exact`` keeps samples in float32; ``unspoilt`` takes subs without trails and defects, and
    rejects nothing; ``cloudy`` leaves out no sub for a small weight.
    """

    truth: Collection[str] = ()
    exact: bool = False
    unspoilt: bool = False
    cloudy: bool = False


STACKS: Mapping[str, Replaced] = {
    AS_IT_IS: Replaced(),
    "true places": Replaced((PLACES,)),
    "true scales": Replaced((SCALES,)),
    "true sky": Replaced((SKY,)),
    "true weights": Replaced((WEIGHTS,)),
    "exact samples": Replaced(exact=True),
    "nothing spoilt or rejected": Replaced(unspoilt=True),
    "all of these": Replaced(MEASURED, exact=True, unspoilt=True),
    "cloudy subs in": Replaced(cloudy=True),
}


def main(argv: Sequence[str]) -> int:
    """Print the tables; 0."""
    parser = argparse.ArgumentParser(prog="bench losses", description=__doc__.splitlines()[0])
    parser.add_argument("--sets", nargs="+", choices=[*NIGHTS], default=list(SETS))
    parser.add_argument("--nights", type=int, help="of each set (default all)")
    options = parser.parse_args(argv)
    measured = {}
    for name in options.sets:
        count = 1 + FURTHER_NIGHTS.get(name, 0)
        numbers = range(1, min(count, options.nights or count) + 1)
        nights = [synthetic(f"{name}.{n}" if n > 1 else name) for n in numbers]
        measured[name] = [measured_night(night) for night in nights]
    print("\n".join([*loss_table(measured), "", *chosen_weights_table(measured)]))
    return 0


def measured_night(night: FrameSet) -> dict[str, StackQuality]:
    """Stack a night in all ways of STACKS, and measure the stacks on the same stars."""
    pictures = {}
    with tempfile.TemporaryDirectory(prefix="crowdsky-losses-") as work:
        for name, replaced in STACKS.items():
            tell(f"{night.name}: {name}")
            pictures[name] = stacked(night, replaced, Path(work))
    found = measure_stacks(pictures, night.known, night.truth, len(night.paths))
    return {name: one for name, one in found.items() if one is not None}


def stacked(night: FrameSet, replaced: Replaced, work: Path) -> Picture:
    """Stack a night with something replaced; subs without what spoils them are written to work."""
    truth, paths = night.truth, list(night.paths)
    if truth is None:
        raise ValueError(f"of {night.name} no truth is known")
    if replaced.unspoilt:
        folder = work / night.name
        paths = sorted(folder.iterdir()) if folder.is_dir() else unspoilt(truth, folder)
    options = StackOptions(sigma_clip=None if replaced.unspoilt else 3.0)
    with _without(replaced):
        plan = native.make_plan(paths, options, _silent, Masters(), cpus())
        plan = replace(plan, layers=known_layers(plan.layers, truth, replaced.truth))
        return _picture(native.stack_plan(plan, options, _silent, cpus()))


@contextlib.contextmanager
def _without(replaced: Replaced) -> Iterator[None]:
    """Do without rounding and without a least weight, which nobody else can switch off."""
    with contextlib.ExitStack() as stack:
        if replaced.exact:
            floats = mock.patch.object(integrate, "sample_format", lambda *_: EXACT)
            stack.enter_context(floats)
        if replaced.cloudy:
            stack.enter_context(mock.patch.object(quality, "MIN_RELATIVE_WORTH", 0.0))
        yield


def _silent(stage: str, done: int, total: int) -> None:
    """Take no notice of progress."""


def _picture(stack: StackedPicture) -> Picture:
    left_out = {
        frame.report.filename: frame.report.reason
        for frame in stack.frames
        if not frame.report.used
    }
    noise = stack.noise
    if noise is None:
        raise ValueError("a native stack without its noise")
    green = StatedVariance(noise.variance[1], noise.correlation[1])
    return native_picture(stack.planes, stack.footprint, len(stack.used), left_out, green)


def loss_table(measured: Mapping[str, Sequence[Mapping[str, StackQuality]]]) -> Iterator[str]:
    """Rows of the scatter of each stack over that of the stack as it is, by set and over all.

    "-" stands where a stack does not differ, or nothing can be said.
    """
    yield "| set | stack | star light | surfaces | places | above the best, % | chi-square |"
    yield "|---|---|---|---|---|---|---|"
    over_all: dict[str, list[list[Estimate]]] = {name: [] for name in STACKS}
    for kind, nights in measured.items():
        depths = {name: [_depth(night[name]) for night in nights] for name in STACKS}
        off = {name: deviations(of_nights) for name, of_nights in depths.items()}
        for name in STACKS:
            ratios = [
                mean_ratio([bootstrapped(off[name][one], off[AS_IT_IS][one]) for one in some])
                for some in (FLUX, [c for c in off[name] if c.startswith(SURFACES)], ("place",))
            ]
            if STACKS[name].unspoilt:
                ratios[1] = NOTHING  # the patches have gaps where something spoilt them
            over_all[name].append(ratios)
            chi = reduced_chi_square([night[name].normalised for night in nights])
            above = columns(depths[name])[ABOVE_BEST]
            yield (
                f"| {kind}, {len(nights)} | {name} | {' | '.join(map(str, ratios))} "
                f"| {100 * above.value:.1f} ± {100 * above.error:.1f} "
                f"| {chi.value:.3f} ± {chi.error:.3f} |"
            )
    for name, of_sets in over_all.items():
        means = [mean_ratio(column) for column in zip(*of_sets, strict=True)]
        yield f"| all | {name} | {' | '.join(map(str, means))} | - | - |"


def chosen_weights_table(
    measured: Mapping[str, Sequence[Mapping[str, StackQuality]]],
) -> Iterator[str]:
    """Rows of what it costs that a column chooses its weights on few stars, for all programs.

    Scatter with weights chosen on a night's own stars over that with weights chosen on the other
    nights of the set; needs two nights or more.
    """
    yield "| set | stars | weights chosen on one night over those chosen on the others |"
    yield "|---|---|---|"
    for kind, nights in measured.items():
        depths = [_depth(night[AS_IT_IS]) for night in nights]
        for name, (low, high) in SNR_BINS.items() if len(depths) > 1 else ():
            light = [
                depth.light[LUMINANCE, (depth.snr >= low) & (depth.snr < high)] for depth in depths
            ]
            plain = np.ones(light[0].shape[1])
            own, others = [], []
            for index, night in enumerate(light):
                rest = np.concatenate([one for i, one in enumerate(light) if i != index])
                rest = rest[np.isfinite(rest).all(axis=1)]
                own.append(best_errors(night, plain))
                others.append(night @ best_combination(rest, plain))
            ratio = bootstrapped(np.concatenate(own), np.concatenate(others))
            count = sum(map(len, light)) / len(light)
            words = f"{ratio.value:.3f} ± {ratio.error:.3f}"
            yield f"| {kind} | {name}, {count:.0f} a night | {words} |"


def bootstrapped(ours: np.ndarray, theirs: np.ndarray) -> Estimate:
    """Ratio of the spreads of deviations of the same n objects; its error by drawing them anew."""
    ratio = spread_ratio(ours, theirs)
    both = usual(ours) & usual(theirs)
    if not ratio.value > 0.0:
        return ratio
    mine, other = ours[both] ** 2, theirs[both] ** 2
    drawn = np.random.default_rng(1).integers(0, mine.size, (DRAWS, mine.size))
    spreads = np.sqrt(mine[drawn].mean(axis=1) / other[drawn].mean(axis=1))
    return Estimate(ratio.value, float(spreads.std()))


def _depth(measured: StackQuality) -> Depth:
    if measured.depth is None:
        raise ValueError("a night without bright stars, which set the scale")
    return measured.depth
