"""Stacks the subs of a chunk once as a whole, and again in parts of a few minutes or less.

All parts share one plan: each sub is examined, registered to the one reference, and scaled to it
once, so that a star is on the same pixels in every part. Parts reject nothing. What rejection takes
from a stack is what a series is made for: light that is in a few subs only.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby
from pathlib import Path

import numpy as np

from crowdsky.base.errors import BadDataError
from crowdsky.frames.fits_header import FrameHeader
from crowdsky.stacking.engine import Masters, Progress, StackedPicture, StackOptions
from crowdsky.stacking.engines.native import Plan, make_plan, stack_plan
from crowdsky.stacking.integration.bands import cpus
from crowdsky.stacking.integration.integrate import integrate
from crowdsky.stacking.integration.layer import Layer, saturated_level, stack_correlation


class UndatedSubsError(BadDataError):
    """Subs cannot be divided by time, because the time of one of them is not known."""


@dataclass(frozen=True, slots=True)
class SeriesPart:
    """The mean of the subs that began within one interval.

    ``planes`` (planes, height, width) float32 are in ADU, on the scale and the pixels of the whole
    stack; ``footprint`` (height, width) counts subs; ``variance`` is that of ``planes``, ADU
    squared, and ``correlation`` (planes,) that of an aperture sum over the sum of its pixels'.
    """

    headers: tuple[FrameHeader, ...]
    """Those of the subs in it, by time."""
    planes: np.ndarray
    footprint: np.ndarray
    variance: np.ndarray
    correlation: np.ndarray
    fwhm_px: float
    """Mean length of the stars of its subs along their long axes, pixels; NaN if unknown."""
    saturated_adu: float | None
    """Level from which a pixel is saturated; None if unknown."""


class NativeSeries:
    """A chunk that is examined and registered, to be integrated as a whole and in parts."""

    def __init__(self, plan: Plan, options: StackOptions, threads: int) -> None:
        self._plan = plan
        self._options = options
        self._threads = threads

    def whole(self, progress: Progress) -> StackedPicture:
        """Integrate all subs; the picture is that of ``native.stack``."""
        return stack_plan(self._plan, self._options, progress, self._threads)

    def count_parts(self, seconds: float) -> int:
        """Count the parts of that length; raises UndatedSubsError."""
        return len(divide(self._plan.layers, seconds))

    def parts(self, seconds: float, progress: Progress) -> Iterator[SeriesPart]:
        """Integrate the parts, one at a time, in the order of time; none is empty.

        Args:
            seconds: length of an interval; the first begins with the first sub that is used.
            progress: called with the stage "parts".

        Raises UndatedSubsError when a sub that is used has no time.
        """
        groups = divide(self._plan.layers, seconds)
        for done, layers in enumerate(groups):
            progress("parts", done, len(groups))
            yield self._part(layers)
        progress("parts", len(groups), len(groups))

    def _part(self, layers: Sequence[Layer]) -> SeriesPart:
        how = replace(self._plan.how, limit=0.0, median=False)
        picture = integrate(layers, how, lambda _done, _total: None, self._threads)
        return SeriesPart(
            headers=tuple(layer.mosaic.frame.header for layer in layers),
            planes=picture.planes,
            footprint=picture.footprint,
            variance=picture.variance,
            correlation=stack_correlation(layers, median=False),
            fwhm_px=float(np.mean([layer.star_px for layer in layers])),
            saturated_adu=saturated_level(layers),
        )


def open_series(
    paths: Sequence[Path],
    options: StackOptions,
    progress: Progress,
    threads: int | None = None,
) -> NativeSeries:
    """Examine and register the subs of a chunk.

    Args:
        paths: the subs, in any order.
        options: how the whole is combined, by "mean"; parts take its weights.
        progress: called with the stages "check", "defects", "detect" and "align".
        threads: number of threads; None takes all processors.

    Raises NoUsableFramesError when no sub can be used.
    """
    threads = threads or cpus()
    return NativeSeries(make_plan(paths, options, progress, Masters(), threads), options, threads)


def divide(layers: Sequence[Layer], seconds: float) -> list[list[Layer]]:
    """Group subs by the interval in which they began; raises UndatedSubsError."""
    dated = sorted(((_start(layer), layer) for layer in layers), key=lambda pair: pair[0])
    first, length = dated[0][0], timedelta(seconds=seconds)
    groups = groupby(dated, key=lambda pair: (pair[0] - first) // length)
    return [[layer for _, layer in group] for _, group in groups]


def _start(layer: Layer) -> datetime:
    start = layer.mosaic.frame.header.date_obs
    if start is None:
        raise UndatedSubsError(
            "the subs cannot be divided into a series",
            where=layer.mosaic.frame.filename,
            why="its DATE-OBS is not known as UTC",
        )
    return start
