"""The port between ``stack_files``, the engines and the product: what every engine takes and gives.

An engine is a function ``stack(paths, options, progress) -> StackedPicture``. It reads the subs
with ``frames.chunk``, writes nothing, and raises NoUsableFramesError when no sub can be used.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from crowdsky.frames.fits_header import FrameHeader
from crowdsky.frames.header_clock import ToldClock
from crowdsky.stacking.framings import REFERENCE
from crowdsky.stacking.records import FrameReport
from crowdsky.stacking.weighing import POINT_SOURCES

Progress = Callable[[str, int, int], None]
"""Function that is called often with (stage, done, total), and raises to cancel the work."""

METHODS = ("mean", "median")


@dataclass(frozen=True, slots=True)
class PlateStars:
    """Stars of a picture that a catalogue knows, from a plate solution.

    ``pixels`` is (n, 2), x and y, 0-based; ``ra_deg`` and ``dec_deg`` (n,) are where they are.
    ``scale_arcsec`` is the side of a pixel, and ``parity`` the sign of det(CD).
    """

    pixels: np.ndarray
    ra_deg: np.ndarray
    dec_deg: np.ndarray
    scale_arcsec: float
    parity: int


FindPlate = Callable[[np.ndarray, np.ndarray, np.ndarray, tuple[int, int], FrameHeader],
                     PlateStars | None]  # fmt: skip
"""Function that solves a list of stars: x, y and light (n,), (height, width) and the header."""


@dataclass(frozen=True, slots=True)
class StackOptions:
    """How the subs are combined: ``method`` is one of METHODS."""

    method: str = "mean"
    sigma_clip: float | None = 3.0
    """Rejection threshold in standard deviations; None for no rejection."""
    weights: str | None = POINT_SOURCES
    """One of weighing.WEIGHTS; None where subs are not weighed, as in a median."""
    clocks: Mapping[Path, ToldClock] = field(default_factory=dict)
    """What is known of the clocks of the subs' telescopes besides their headers."""
    framing: str = REFERENCE
    """One of FRAMINGS."""
    find_plate: FindPlate | None = None
    """Places fields that share no stars with others, when the framing is MAX; None if nothing can
    solve them."""


@dataclass(frozen=True, slots=True)
class Masters:
    """Files with master frames of the sensor; None if there is none."""

    dark: Path | None = None
    flat: Path | None = None

    def __bool__(self) -> bool:
        return self.dark is not None or self.flat is not None


@dataclass(frozen=True, slots=True)
class FrameRecord:
    """One input sub: what became of it, and what its header says (None if unreadable)."""

    report: FrameReport
    header: FrameHeader | None
    hint: str = ""
    """What to try with a sub that cannot be used; empty where nothing particular is known."""


@dataclass(frozen=True, slots=True)
class PixelNoise:
    """The noise of a stack's pixels, and what rejection took from them.

    ``variance`` (planes, height, width) float32 is that of the pixels, ADU squared, 0 where nothing
    is covered. ``correlation`` has for each plane the variance of an aperture sum over the sum of
    the variances of its pixels (``integration.noise``). ``rejected`` (height, width) uint8 counts
    the samples that a pixel lost, 255 for 255 or more.
    """

    variance: np.ndarray
    correlation: tuple[float, ...]
    rejected: np.ndarray


@dataclass(frozen=True, slots=True)
class StackedPicture:
    """The result of an engine.

    ``planes`` is (3, height, width) float32: red, green and blue, or (1, height, width) from a
    monochrome sensor; in ADU of one sub, including the pedestal of the sky. ``footprint`` (height,
    width) counts the subs that cover each pixel; planes are 0 where it is 0, and finite everywhere.
    ``frames`` has one record per input path, in the order given. ``notes`` are remarks for people
    who look at the stack. ``star_loss`` is the share of their light that stars lost by rejection,
    0.01 for one per cent, and ``saturated_adu`` the level from which a pixel is saturated, ADU;
    None if they are not known. So is ``noise``. ``smoothed`` says whether noise was smoothed, as in
    stacks that were made before version 0.2.
    """

    planes: np.ndarray
    footprint: np.ndarray
    frames: tuple[FrameRecord, ...]
    engine: str
    """Name and version, e.g. "seestarpy 0.1.3"."""
    options: StackOptions
    notes: tuple[str, ...] = ()
    star_loss: float | None = None
    saturated_adu: float | None = None
    noise: PixelNoise | None = None
    smoothed: bool = False
    n_fields: int = 1
    """Number of fields that a mosaic was made of."""

    @property
    def used(self) -> tuple[FrameRecord, ...]:
        """The subs that are part of the picture."""
        return tuple(frame for frame in self.frames if frame.report.used)


Engine = Callable[[Sequence[Path], StackOptions, Progress], StackedPicture]
