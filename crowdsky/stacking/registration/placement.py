"""Decides where each frame of a chunk belongs in the stack, and with what weight."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from crowdsky.stacking.registration.detect import FrameMeasure
from crowdsky.stacking.registration.quality import flux_scale, judge, sharpness
from crowdsky.stacking.registration.register import MIN_MATCHES, Alignment, align
from crowdsky.stacking.registration.sky_difference import SkyDifference, sky_difference
from crowdsky.stacking.registration.transform import IDENTITY, Affine
from crowdsky.stacking.registration.weights import (
    point_source_weights,
    star_covariance,
    surface_weight,
)
from crowdsky.stacking.weighing import EQUAL, POINT_SOURCES, SURFACE

REFERENCE_TRIALS = 5
ABOUT_THE_BEST = 0.9

Tick = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Placement:
    """How one frame enters the stack; with ``weight`` 0 it is left out, for the ``reason``.

    ``transform`` takes frame to stack pixels; it is None for a frame that could not be aligned. The
    plane ``sky`` (planes, 3) is subtracted from the frame after multiplication by ``scale``.
    """

    transform: Affine | None
    scale: float
    weight: float
    sky: np.ndarray
    reason: str
    is_reference: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """A reference and the frames that could be aligned with it, by index."""

    reference: int
    alignments: dict[int, Alignment]


def place(
    measures: Sequence[FrameMeasure], tick: Tick, weights: str = POINT_SOURCES
) -> list[Placement]:
    """Align the frames of a chunk with the best of them and weigh them.

    When most frames do not match the best one, it may be the odd one out; the largest group of
    frames that match each other is taken.

    Args:
        measures: the frames in order of time, at least one.
        tick: called with (done, total) per frame; it may raise to cancel.
        weights: what the frames are weighed for, one of ``weighing.WEIGHTS``.

    Returns one placement per frame, in the same order.
    """
    if len(measures) == 1:
        if not measures[0].n_found:
            return [left_out(measures[0], "no star was found in it")]
        return [_reference_placement(measures[0])]
    group = _largest_group(measures, tick)
    if group is None:
        return [left_out(measure, few_stars(measure)) for measure in measures]
    placements = [
        left_out(measure, few_stars(measure) or "its stars do not match those of the reference")
        for measure in measures
    ]
    for index, placement in weigh(group, measures, weights).items():
        placements[index] = placement
    return placements


def _largest_group(measures: Sequence[FrameMeasure], tick: Tick) -> Group | None:
    """Find the largest group of frames that match; None when no frame has enough stars."""
    remaining = [i for i, measure in enumerate(measures) if len(measure.stars) >= MIN_MATCHES]
    best: Group | None = None
    for _ in range(REFERENCE_TRIALS):
        if not remaining:
            break
        reference = choose_reference(measures, remaining)
        group = Group(reference, _align_all(measures, reference, remaining, tick))
        if best is None or len(group.alignments) > len(best.alignments):
            best = group
        remaining = [i for i in remaining if i != reference and i not in group.alignments]
        if len(remaining) <= len(best.alignments):
            break
    return best


def choose_reference(measures: Sequence[FrameMeasure], indices: Sequence[int]) -> int:
    """Choose the frame nearest to the middle of the chunk among those about as good as the best.

    From the middle, the field rotates only half as far to either end.
    """
    merits = {index: sharpness(measures[index]) for index in indices}
    best = max(merits.values())
    good = [index for index in indices if merits[index] >= ABOUT_THE_BEST * best]
    middle = indices[len(indices) // 2]
    return min(good, key=lambda index: (abs(index - middle), index))


def _align_all(
    measures: Sequence[FrameMeasure], reference: int, indices: Sequence[int], tick: Tick
) -> dict[int, Alignment]:
    """Align frames outwards from the reference, each starting from its neighbour in time."""
    alignments: dict[int, Alignment] = {}
    after = [index for index in indices if index > reference]
    before = [index for index in reversed(indices) if index < reference]
    done = 0
    for direction in (after, before):
        guess = IDENTITY
        for index in direction:
            tick(done, len(indices))
            done += 1
            found = align(measures[index].stars, measures[reference].stars, guess)
            if found is not None:
                alignments[index] = found
                guess = found.transform
    tick(len(indices), len(indices))
    return alignments


@dataclass(frozen=True, slots=True)
class _Joined:
    """A frame that is aligned with the reference, which is one of them."""

    index: int
    measure: FrameMeasure
    transform: Affine
    scale: float
    sky: SkyDifference
    surface_weight: float


def weigh(
    group: Group, measures: Sequence[FrameMeasure], weights: str = POINT_SOURCES
) -> dict[int, Placement]:
    """Find scale, sky, weight and verdict of the reference and of every aligned frame, by index."""
    reference = measures[group.reference]
    placements = {group.reference: _reference_placement(reference)}
    joined = [_Joined(group.reference, reference, IDENTITY, 1.0, _no_difference(reference), 1.0)]
    for index, alignment in sorted(group.alignments.items()):
        measure, transform = measures[index], alignment.transform
        scale = flux_scale(measure, reference, alignment)
        sky = sky_difference(measure.mesh, reference.mesh, transform, scale)
        if sky is None:
            reason = "it does not overlap with the reference"
            placements[index] = left_out(measure, reason, transform)
            continue
        weight = surface_weight(measure, reference, scale)
        joined.append(_Joined(index, measure, transform, scale, sky, weight))
    reasons = judge(
        [one.measure for one in joined],
        [one.scale for one in joined],
        _worth(joined, weights),
        [one.sky for one in joined],
        for_stars=weights != SURFACE,
    )
    used = [one for one, reason in zip(joined, reasons, strict=True) if not reason]
    found = dict(zip([one.index for one in used], _weights(used, weights), strict=True))
    # The weight of the reference is 1, so that those of different stacks can be compared.
    unit = found.get(group.reference, max(found.values(), default=1.0))
    for one, reason in zip(joined, reasons, strict=True):
        is_reference = one.index == group.reference
        placements[one.index] = Placement(
            one.transform,
            one.scale,
            found.get(one.index, 0.0) / unit,
            one.sky.coefficients,
            reason or ("reference of the alignment" if is_reference else ""),
            is_reference,
        )
    return placements


def _worth(joined: Sequence[_Joined], weights: str) -> list[float]:
    """Return how much each frame adds to the stack; equal weights do not make all worth the same.

    The more are out of shape, the less the profile of the stack tells what a good one is.
    """
    if weights == SURFACE:
        return [one.surface_weight for one in joined]
    reference = joined[0].measure.fwhm_px
    return [one.surface_weight * reference / one.measure.fwhm_px for one in joined]


def _weights(used: Sequence[_Joined], weights: str) -> list[float]:
    """Return the weights of the frames that are used, in any unit."""
    if weights == EQUAL:
        return [1.0] * len(used)
    of_surfaces = [one.surface_weight for one in used]
    if weights == SURFACE or not used:
        return of_surfaces
    covariances = [star_covariance(one.measure, one.transform) for one in used]
    return [float(weight) for weight in point_source_weights(covariances, of_surfaces)]


def _reference_placement(measure: FrameMeasure) -> Placement:
    sky = np.zeros((len(measure.sky), 3))
    return Placement(IDENTITY, 1.0, 1.0, sky, "reference of the alignment", is_reference=True)


def _no_difference(measure: FrameMeasure) -> SkyDifference:
    return SkyDifference(np.zeros((len(measure.sky), 3)), 0.0)


def left_out(measure: FrameMeasure, reason: str, transform: Affine | None = None) -> Placement:
    """Return the placement of a frame that is not stacked, for a reason."""
    return Placement(transform, 1.0, 0.0, np.zeros((len(measure.sky), 3)), reason)


def few_stars(measure: FrameMeasure) -> str:
    """Return why a frame has too few stars to be aligned, or an empty text."""
    count = len(measure.stars)
    if count >= MIN_MATCHES:
        return ""
    if count == 0:
        return "no usable stars were found, so that it cannot be aligned"
    stars = "star was" if count == 1 else "stars were"
    return f"only {count} usable {stars} found, too few to align it"
