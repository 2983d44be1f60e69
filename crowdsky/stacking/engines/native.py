"""CrowdSky's own engine: stacks raw subs in memory that does not grow with their number.

The subs are read three times: to find defects of the sensor, to measure stars, sky and noise, and
to be integrated in bands of rows. Before the third time the position and the weight of each sub are
decided. No sub stays in memory in between.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from crowdsky import __version__
from crowdsky.base.memory import give_back_memory
from crowdsky.frames.chunk import check_same_chunk, read_light_frames
from crowdsky.stacking.engine import (
    FrameRecord,
    Masters,
    PixelNoise,
    Progress,
    StackedPicture,
    StackOptions,
)
from crowdsky.stacking.engines.native_canvas import OnCanvas, place_on_canvas
from crowdsky.stacking.engines.native_examine import Sub, by_time, examine
from crowdsky.stacking.framings import REFERENCE
from crowdsky.stacking.integration.bands import cpus
from crowdsky.stacking.integration.integrate import Integration, integrate
from crowdsky.stacking.integration.layer import (
    CanvasPlace,
    Layer,
    saturated_level,
    stack_correlation,
)
from crowdsky.stacking.integration.masters import load_calibration
from crowdsky.stacking.integration.mosaic import Mosaic
from crowdsky.stacking.integration.noise import REACH, sample_covariance
from crowdsky.stacking.integration.reconstruct import Reconstruction
from crowdsky.stacking.integration.star_light import longest_stars
from crowdsky.stacking.integration.star_loss import star_loss
from crowdsky.stacking.integration.tiles import integrate_canvas
from crowdsky.stacking.kernels.combine import Picture
from crowdsky.stacking.product.frame_reports import (
    frame_record,
    no_usable_frames,
    note_on_loss,
    notes_on,
)
from crowdsky.stacking.registration.detect import FrameMeasure, Stars
from crowdsky.stacking.registration.framing import Canvas
from crowdsky.stacking.registration.pattern import note_on_pattern
from crowdsky.stacking.registration.photon_transfer import variance_of_light
from crowdsky.stacking.registration.placement import Placement, Tick, place
from crowdsky.stacking.registration.saturation import PILE
from crowdsky.stacking.registration.transform import invert
from crowdsky.stacking.weighing import POINT_SOURCES

MODEL_FACTOR = 1.5
"""Factor on the rejection threshold. 3 sigma is meant for a scatter that outliers have inflated;
with a known noise, 4.5 sigma still find every trail, and false alarms cost no signal (3 sigma: 5
%)."""


@dataclass(frozen=True, slots=True)
class _Placed:
    """A measured sub, its placement, and its record with that."""

    mosaic: Mosaic
    measure: FrameMeasure
    placement: Placement
    record: FrameRecord
    place: CanvasPlace | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What to integrate and how, and the records of all subs in the order given."""

    records: tuple[FrameRecord, ...]
    how: Integration
    layers: list[Layer]
    """The subs that are used, by time."""
    stars: Stars
    """Stars of the reference, on the pixels of the stack."""
    on_pattern: str
    """A remark on the Bayer pattern, or empty."""
    canvas: Canvas | None = None
    """What the stack shows; None for the pixels of the reference."""
    n_fields: int = 1


def stack(
    paths: Sequence[Path],
    options: StackOptions,
    progress: Progress,
    masters: Masters = Masters(),  # noqa: B008 - immutable
    threads: int | None = None,
) -> StackedPicture:
    """Stack subs.

    Args:
        paths: the subs, in any order.
        options: method, rejection threshold and weights.
        progress: called with the stages "check", "defects", "detect", "align" and "integrate".
        masters: master frames of the sensor.
        threads: number of threads; None takes all processors. The picture does not depend on it.

    Raises NoUsableFramesError when no sub can be used, and BadCalibrationError for masters that do
    not fit the subs.
    """
    threads = threads or cpus()
    plan = make_plan(paths, options, progress, masters, threads)
    return stack_plan(plan, options, progress, threads)


def stack_plan(
    plan: Plan, options: StackOptions, progress: Progress, threads: int
) -> StackedPicture:
    """Integrate all subs of a plan; ``progress`` is called with the stage "integrate"."""
    # The measurements are no longer referenced by now, and the bands need as much memory.
    give_back_memory()
    picture = _combined(plan, lambda done, total: progress("integrate", done, total), threads)
    if plan.how.median:
        # It rejects nothing, and all subs count the same.
        options = replace(options, sigma_clip=None, weights=None)
    loss = None
    if plan.how.rejects:
        loss = star_loss(picture.lost, plan.stars, longest_stars(plan.layers))
    return StackedPicture(
        planes=picture.planes,
        footprint=picture.footprint,
        noise=_noise(picture, plan),
        frames=plan.records,
        engine=f"crowdsky native {__version__}",
        options=options,
        notes=(*notes_on(plan.records), *filter(None, [plan.on_pattern]), *note_on_loss(loss)),
        star_loss=loss,
        saturated_adu=saturated_level(plan.layers),
        n_fields=plan.n_fields,
    )


def _combined(plan: Plan, tick: Tick, threads: int) -> Picture:
    if plan.canvas is None:
        return integrate(plan.layers, plan.how, tick, threads)
    return integrate_canvas(plan.layers, plan.how, plan.canvas, tick, threads)


def make_plan(
    paths: Sequence[Path],
    options: StackOptions,
    progress: Progress,
    masters: Masters,
    threads: int,
) -> Plan:
    """Read, measure and place the subs; raises NoUsableFramesError and BadCalibrationError."""
    frames, unreadable = read_light_frames(paths, options.clocks)
    # Masters fit the sensor only as it was when they were taken.
    check = check_same_chunk(frames, turned=not masters)
    calibration = None
    if check.frames:
        calibration = load_calibration(masters, check.frames[0].header)
    subs = examine(by_time(check.frames), check.frames, calibration, progress, threads)
    placed, canvas = _place(subs, progress, options)
    records = {
        item.path: frame_record(item.path, item.header, reason=item.reason, hint=item.hint)
        for item in (*unreadable, *check.rejected)
    }
    records |= {sub.mosaic.frame.path: sub.record for sub in subs}
    records |= {one.mosaic.frame.path: one.record for one in placed}
    ordered = tuple(records[path] for path in paths)
    if not any(one.placement.weight > 0.0 for one in placed):
        raise no_usable_frames(ordered)
    how = _integration(placed, options)
    stars, on_pattern = _reference(placed).stars, _note_on_pattern(placed)
    if canvas is None:
        return Plan(ordered, how, _layers(placed, how), stars, on_pattern)
    stars = canvas.on_canvas(stars)
    how = replace(how, feather_px=canvas.feather_px)
    layers = _layers(placed, how)
    return Plan(ordered, how, layers, stars, on_pattern, canvas.canvas, canvas.n_fields)


def _note_on_pattern(placed: Sequence[_Placed]) -> str:
    """Return a remark on the Bayer pattern of the first sub and those with the same, or empty."""
    pattern = placed[0].mosaic.frame.header.pattern
    alike = [one for one in placed if one.mosaic.frame.header.pattern == pattern]
    return note_on_pattern([one.measure for one in alike], pattern)


def _place(
    subs: Sequence[Sub], progress: Progress, options: StackOptions
) -> tuple[list[_Placed], OnCanvas | None]:
    """Decide where each measured sub belongs, and with what weight.

    Returns the canvas, too, if it is another one than the pixels of the reference.
    """
    measured = [(sub, sub.measure) for sub in subs if sub.measure is not None]
    if not measured:
        return [], None
    measures = [measure for _, measure in measured]

    def tick(done: int, total: int) -> None:
        progress("align", done, total)

    if options.framing == REFERENCE:
        placements = place(measures, tick, options.weights or POINT_SOURCES)
        places: list[CanvasPlace | None] = [None] * len(placements)
        canvas = None
    else:
        headers = [sub.mosaic.frame.header for sub, _ in measured]
        canvas = place_on_canvas(measures, headers, options, tick)
        placements, places = canvas.placements, canvas.places
    return [
        _Placed(sub.mosaic, measure, placement, _record(sub.record, placement), where)
        for (sub, measure), placement, where in zip(measured, placements, places, strict=True)
    ], canvas


def _record(record: FrameRecord, placement: Placement) -> FrameRecord:
    report = replace(
        record.report,
        transform=placement.transform,
        weight=placement.weight,
        used=placement.weight > 0.0,
        reason=placement.reason,
    )
    return replace(record, report=report)


def _reference(placed: Sequence[_Placed]) -> FrameMeasure:
    return next(one.measure for one in placed if one.placement.is_reference)


def _integration(placed: Sequence[_Placed], options: StackOptions) -> Integration:
    """Decide how this chunk is combined."""
    reference = _reference(placed)
    used = [one.measure for one in placed if one.placement.weight > 0.0]
    return Integration(
        reconstruction=Reconstruction(),
        limit=MODEL_FACTOR * (options.sigma_clip or 0.0),
        median=options.method == "median",
        sky=reference.sky,
        shot=variance_of_light(used, reference),
    )


def _layers(placed: Sequence[_Placed], how: Integration) -> list[Layer]:
    """Return the subs with a weight as they enter the stack."""
    used = [one for one in placed if one.placement.weight > 0.0]
    # A pile of pixels below what another sub of the camera shows is no end of the scale.
    seen = PILE * max(one.measure.highest_adu for one in used)
    ends = [one.measure.saturation_adu for one in used]
    stated = [one.mosaic.frame.scale_end for one in used]
    return [
        _layer(one, how, end if end >= seen else known)
        for one, end, known in zip(used, ends, stated, strict=True)
    ]


def _layer(sub: _Placed, how: Integration, saturation_adu: float) -> Layer:
    placement = sub.placement
    if placement.transform is None:
        raise ValueError(f"{sub.mosaic.frame.filename} has a weight but no transform")
    transform, scale, noise = placement.transform, placement.scale, sub.measure.noise
    covariance = scale**2 * sample_covariance(
        how.reconstruction, noise, invert(transform), sub.mosaic.size
    )
    # The light of a pixel is noisy in the subs, and that noise is spread like that of the sky.
    known = np.where(noise > 0.0, noise, np.inf)
    light = how.shot * covariance[:, REACH, REACH] / (scale * known**2)
    return Layer(
        mosaic=sub.mosaic,
        transform=transform,
        scale=scale,
        sky=placement.sky,
        weight=placement.weight,
        covariance=covariance,
        light_variance=light,
        star_px=sub.measure.length_px,
        saturation_adu=saturation_adu,
        place=sub.place,
    )


def _noise(picture: Picture, plan: Plan) -> PixelNoise:
    correlation = stack_correlation(plan.layers, plan.how.median)
    return PixelNoise(picture.variance, tuple(correlation), picture.rejected)
