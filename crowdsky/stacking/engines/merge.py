"""Merges finished stacks of one target into a deep stack, without the raws they were made of.

Each stack is measured like a sub, registered on the best one, and brought to its scale and sky. A
pixel is the mean of the stacks, each weighted by the number of its subs there and by the weight of
one of its subs, which maximises the signal-to-noise ratio of stars. The deep picture is made in
bands of rows, so that memory does not grow with the number of stacks.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from crowdsky import __version__
from crowdsky.frames.cards import number
from crowdsky.stacking.engine import (
    FrameRecord,
    PixelNoise,
    Progress,
    StackedPicture,
    StackOptions,
)
from crowdsky.stacking.engines.merge_look import Look, look_at
from crowdsky.stacking.engines.merge_noise import NoisyPart, merged_correlation, merged_noise
from crowdsky.stacking.integration.bands import BAND_BYTES, MAX_BAND_ROWS, cpus
from crowdsky.stacking.integration.integrate import RIPPLE
from crowdsky.stacking.integration.reconstruct import Reconstruction
from crowdsky.stacking.integration.star_light import (
    MAX_FRAMES,
    GreyFrame,
    cells_of,
    light_within,
)
from crowdsky.stacking.kernels.merge import MergeRules, merge_band, sample_band
from crowdsky.stacking.product.finished import FinishedStack, open_stack
from crowdsky.stacking.product.frame_reports import note_on_times
from crowdsky.stacking.product.merge_check import CannotMergeError, check_belong_together
from crowdsky.stacking.registration.quality import flux_scale, sharpness
from crowdsky.stacking.registration.register import Alignment, align
from crowdsky.stacking.registration.sky_difference import SkyDifference, sky_difference
from crowdsky.stacking.registration.transform import IDENTITY, Affine, compose, invert

LIMIT_FACTOR = 1.5
"""Factor on the rejection threshold, as for subs: against a known noise, 3 sigma means 4.5."""
REFERENCE_TRIALS = 5


@dataclass(frozen=True, slots=True)
class _Part:
    """A stack on its way into the deep one; ``share`` is the weight of each of its subs."""

    stack: FinishedStack
    look: Look
    transform: Affine
    scale: float
    sky: np.ndarray
    share: float


def merge(paths: Sequence[Path], options: StackOptions, progress: Progress) -> StackedPicture:
    """Merge finished stacks; subs are counted as if all had been stacked at once.

    ``progress`` is called with the stages "detect", "align" and "integrate". Raises NotAStackError
    for a file that is not a stack of ours, and CannotMergeError for stacks that do not belong
    together.
    """
    stacks = [open_stack(path) for path in paths]
    notes = check_belong_together(stacks)
    looks: list[Look] = []
    noise_known = all(stack.noise is not None for stack in stacks)
    for stack in stacks:
        progress("detect", len(looks), len(stacks))
        looks.append(look_at(stack, noise_known=noise_known))
    progress("align", 0, len(stacks))
    reference, alignments = _register(looks)
    parts = {
        index: part
        for index, alignment in sorted(alignments.items())
        if (part := _part(stacks[index], looks[index], looks[reference], alignment)) is not None
    }
    parts[reference] = _reference_part(stacks[reference], looks[reference])
    progress("align", len(stacks), len(stacks))
    if len(parts) < 2:
        raise CannotMergeError(
            "these stacks cannot be merged",
            why="no two of them have matching stars",
            hint="merge stacks of one target",
        )
    chosen = [parts[index] for index in sorted(parts)]
    planes, footprint, noise = _integrate(chosen, parts[reference], options, progress)
    records = [
        record
        for index, stack in enumerate(stacks)
        for record in _records(stack, parts.get(index), stacks[reference])
    ]
    return StackedPicture(
        planes=planes,
        footprint=footprint,
        frames=tuple(records),
        engine=f"crowdsky merge {__version__}",
        options=options,
        notes=(*_notes(stacks, parts, reference), *notes, *note_on_times(records)),
        saturated_adu=_saturated_level(chosen),
        noise=noise,
        smoothed=any(part.stack.smoothed for part in chosen),
    )


def _register(looks: Sequence[Look]) -> tuple[int, dict[int, Alignment]]:
    """Find the reference with the largest group of stacks that match it, and their alignments."""
    order = sorted(range(len(looks)), key=lambda index: -sharpness(looks[index].measure))
    best: tuple[int, dict[int, Alignment]] = (order[0], {})
    for reference in order[:REFERENCE_TRIALS]:
        stars = looks[reference].measure.stars
        found = {
            index: alignment
            for index, look in enumerate(looks)
            if index != reference and (alignment := align(look.measure.stars, stars)) is not None
        }
        if len(found) > len(best[1]):
            best = (reference, found)
        if len(found) >= len(looks) // 2:
            break
    return best


def _part(stack: FinishedStack, look: Look, reference: Look, alignment: Alignment) -> _Part | None:
    """Decide how a registered stack enters; None if it shares no sky with the reference."""
    scale = flux_scale(look.measure, reference.measure, alignment)
    sky = sky_difference(look.mesh, reference.mesh, alignment.transform, scale)
    if sky is None:
        return None
    # Without two neighbouring blocks, as in a sliver of a picture, the noise is not known.
    known = np.isfinite(look.of_sums) & np.isfinite(reference.of_sums) & (reference.of_sums > 0.0)
    ratio = float(np.mean(look.of_sums[known] / reference.of_sums[known])) if known.any() else 1.0
    noise = ratio * scale**2
    blur = look.measure.fwhm_px / reference.measure.fwhm_px
    return _Part(stack, look, alignment.transform, scale, sky.coefficients, 1.0 / (noise * blur))


def _reference_part(stack: FinishedStack, look: Look) -> _Part:
    nothing = SkyDifference(np.zeros((len(look.variance), 3)), 0.0)
    return _Part(stack, look, IDENTITY, 1.0, nothing.coefficients, 1.0)


def _integrate(
    parts: Sequence[_Part], reference: _Part, options: StackOptions, progress: Progress
) -> tuple[np.ndarray, np.ndarray, PixelNoise | None]:
    """Combine the stacks: planes (3, height, width) float32, footprint (height, width) int32, and
    the noise if all of them know theirs."""
    height, width = reference.stack.size
    planes = np.empty((len(reference.sky), height, width), np.float32)
    footprint = np.empty((height, width), np.int32)
    step = max(1, min(MAX_BAND_ROWS, BAND_BYTES // (4 * len(planes) * width * len(parts))))
    shares = np.array([part.share for part in parts])
    variances = np.array([part.look.variance * part.scale**2 for part in parts])
    sky = reference.look.measure.sky
    shot = reference.look.variance / np.maximum(sky, 1.0)
    limit = LIMIT_FACTOR * (options.sigma_clip or 0.0)
    near = np.zeros((0, 0), np.float32)
    if limit > 0.0:
        near = _star_light(parts, reference)
    rules = MergeRules(shares, variances, limit, sky, shot, RIPPLE, near)
    noise, noisy = _empty_noise(parts, reference)
    for y0 in range(0, height, step):
        progress("integrate", y0, height)
        rows = slice(y0, min(y0 + step, height))
        shape = (rows.stop - y0, width)
        values = np.zeros((len(parts), len(planes), *shape), np.float32)
        seen = np.zeros((len(parts), *shape), np.int32)
        for index, part in enumerate(parts):
            _sample(part, y0, values[index], seen[index])
        planes[:, rows], footprint[rows], taken = merge_band(values, seen, rules, y0)
        if noise is not None:
            noise.variance[:, rows], noise.rejected[rows] = merged_noise(noisy, seen, taken, y0)
    progress("integrate", height, height)
    return planes, footprint, noise


def _empty_noise(
    parts: Sequence[_Part], reference: _Part
) -> tuple[PixelNoise | None, list[NoisyPart]]:
    """Return the noise, still to be filled, and the parts that it comes from; None if unknown."""
    if any(part.stack.noise is None for part in parts):
        return None, []
    size = reference.stack.size
    noisy = [
        NoisyPart.of(part.stack, invert(part.transform), part.scale, part.share, size)
        for part in parts
    ]
    empty = np.zeros((len(reference.stack.planes), *size), np.float32)
    return PixelNoise(empty, merged_correlation(noisy), np.zeros(size, np.uint8)), noisy


def _star_light(parts: Sequence[_Part], reference: _Part) -> np.ndarray:
    """Map the light that the shape of stars may move between stacks, as for subs."""
    chosen = sorted(parts, key=lambda part: -part.share)[:MAX_FRAMES]
    sky = float(np.mean(reference.look.measure.sky))
    frames = []
    for part in chosen:
        planes, counts = part.stack.rows(0, part.stack.size[0])
        grey = planes.mean(axis=0, dtype=np.float32)
        grey[counts == 0] = np.median(grey[counts > 0][::7])
        level = part.sky.mean(axis=0)
        level[0] += sky
        frames.append(GreyFrame(cells_of(grey), invert(part.transform), part.scale, level))
    longest = max(part.look.measure.length_px for part in parts)
    with ThreadPoolExecutor(cpus(), thread_name_prefix="star-light") as pool:
        return light_within(frames, reference.stack.size, longest, pool)


def _sample(part: _Part, y0: int, values: np.ndarray, seen: np.ndarray) -> None:
    """Fill in the samples of one stack for a band that starts at row ``y0`` of the deep stack."""
    inverse = invert(part.transform)
    n_rows, out_width = seen.shape
    top, bottom = part.stack.rows_around(inverse, (y0, y0 + n_rows), out_width)
    if top >= bottom:
        return
    source, counts = part.stack.rows(top, bottom)
    taps = Reconstruction().table
    sample_band(source, counts, top, inverse, taps, part.scale, part.sky, y0, values, seen)


def _saturated_level(parts: Sequence[_Part]) -> float | None:
    """Return the level of the deep stack from which a pixel is saturated in one of its parts."""
    levels = []
    for part in parts:
        stated = number(part.stack.header, "SATURATE")
        if stated is not None:
            height, width = part.stack.size
            sky = part.sky @ (1.0, 0.5 * width, 0.5 * height)
            levels.append(float(part.scale * stated - sky.max()))
    return min(levels, default=None)


def _records(
    stack: FinishedStack, part: _Part | None, reference: FinishedStack
) -> list[FrameRecord]:
    """Return the subs of a stack with transforms into the deep one; unused if it was left out."""
    records = stack.records()
    weights = [record.report.weight for record in records if record.report.used]
    usual = float(np.mean(weights)) if weights and np.mean(weights) > 0.0 else 1.0
    changed = []
    for record in records:
        report = record.report
        if part is None:
            reason = report.reason
            if report.used:
                reason = f"its stack {stack.path.name} was left out"
            report = replace(report, transform=None, weight=0.0, used=False, reason=reason)
        else:
            inner = report.transform
            # Used subs have no other remark than that one is the reference.
            reason = "" if report.used and stack is not reference else report.reason
            report = replace(
                report,
                transform=None if inner is None else compose(part.transform, inner),
                weight=part.share * report.weight / usual,
                reason=reason,
            )
        changed.append(replace(record, report=report))
    return changed


def _notes(
    stacks: Sequence[FinishedStack], parts: dict[int, _Part], reference: int
) -> tuple[str, ...]:
    """Return notes on what the deep stack was made of, and what was left out."""
    base = stacks[reference].path.name
    names = ", ".join(stacks[index].path.name for index in sorted(parts))
    notes = [f"merged from {len(parts)} finished stacks on the pixels of {base}: {names}"]
    old = [part.stack.path.name for _, part in sorted(parts.items()) if part.stack.smoothed]
    if old:
        notes.append(
            f"the noise of {', '.join(old)} was smoothed by an older version: do not measure noise "
            "on this stack"
        )
    unknown = [part.stack.path.name for _, part in sorted(parts.items()) if not part.stack.noise]
    if unknown:
        notes.append(f"its variance is not known, because that of {', '.join(unknown)} is not")
    notes += [
        f"{stack.path.name} was left out: its stars do not match those of {base}"
        for index, stack in enumerate(stacks)
        if index not in parts
    ]
    return tuple(notes)
