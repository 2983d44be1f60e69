"""Draws a light curve as a PNG: magnitudes over time, and over phase where a period is given."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from crowdsky.base.arrays import FloatArray

WIDTH, HEIGHT = 1000, 420
"""Pixels of one panel."""
LEFT, RIGHT, TOP, BOTTOM = 80, 30, 40, 50
BACKGROUND, INK, GRID = (255, 255, 255), (40, 40, 40), (225, 225, 225)
COLOURS = {"TR": (200, 60, 50), "TG": (40, 140, 60), "TB": (50, 80, 200), "CV": (90, 90, 90)}
TICKS = 6
DAY_ZERO = 2400000.0

Series = tuple[FloatArray, FloatArray, FloatArray]
"""Times or phases, magnitudes and their errors."""


@dataclass(frozen=True, slots=True)
class Axis:
    """One axis of a panel: its range in values and in pixels."""

    low: float
    high: float
    first: int
    last: int

    def pixel(self, value: float) -> float:
        """Return where a value is."""
        return self.first + (value - self.low) / (self.high - self.low) * (self.last - self.first)

    def ticks(self) -> list[float]:
        """Return round values in the range, about TICKS of them."""
        rough = (self.high - self.low) / TICKS
        size = 10.0 ** math.floor(math.log10(rough))
        step = size * next(factor for factor in (1, 2, 5, 10) if factor * size >= rough)
        first = math.ceil(self.low / step)
        return [step * number for number in range(first, math.floor(self.high / step) + 1)]


def draw_light_curve(
    output: Path,
    bands: Mapping[str, Series],
    title: str,
    *,
    period: float | None = None,
    t0: float = 0.0,
) -> None:
    """Write the picture of a light curve.

    Args:
        output: the PNG.
        bands: by name; times are BJD (TDB), magnitudes rise downwards.
        title: above the panels.
        period: days; a second panel then shows two cycles over the phase.
        t0: time of phase 0.

    Raises:
        ValueError: there is no point.
        OSError: the file cannot be written.
    """
    shown = {name: series for name, series in bands.items() if len(series[0])}
    if not shown:
        raise ValueError("there is no point to draw")
    panels = [({name: (t - DAY_ZERO, m, e) for name, (t, m, e) in shown.items()}, "BJD - 2400000")]
    if period is not None:
        folded = {name: _folded(series, period, t0) for name, series in shown.items()}
        panels.append((folded, f"phase of {period:.6g} d"))
    picture = Image.new("RGB", (WIDTH, HEIGHT * len(panels)), BACKGROUND)
    draw = ImageDraw.Draw(picture)
    font = ImageFont.load_default(15)
    draw.text((LEFT, 12), title, INK, font)
    for number, (series, label) in enumerate(panels):
        _panel(draw, font, series, label, number * HEIGHT)
    picture.save(output, "PNG")


def _folded(series: Series, period: float, t0: float) -> Series:
    times, mags, errors = series
    phase = ((times - t0) / period) % 1.0
    return np.concatenate([phase, phase + 1.0]), np.tile(mags, 2), np.tile(errors, 2)


def _panel(
    draw: ImageDraw.ImageDraw,
    font: ImageFont.ImageFont | ImageFont.FreeTypeFont,
    series: Mapping[str, Series],
    label: str,
    top: int,
) -> None:
    every_x = np.concatenate([x for x, _, _ in series.values()])
    every_y = np.concatenate([(m - e, m + e) for _, m, e in series.values()], axis=None)
    across = _axis(every_x, LEFT, WIDTH - RIGHT)
    # The brightest, which has the smallest number, is on top.
    down = _axis(every_y, top + TOP, top + HEIGHT - BOTTOM)
    edges = (across.first, down.first, across.last, down.last)
    for value in across.ticks():
        x = across.pixel(value)
        draw.line([(x, down.first), (x, down.last)], GRID)
        draw.text((x, down.last + 6), f"{value:.10g}", INK, font, anchor="ma")
    for value in down.ticks():
        y = down.pixel(value)
        draw.line([(across.first, y), (across.last, y)], GRID)
        draw.text((across.first - 8, y), f"{value:.6g}", INK, font, anchor="rm")
    draw.rectangle(edges, outline=INK)
    draw.text(((across.first + across.last) / 2, down.last + 28), label, INK, font, anchor="ma")
    for number, (name, (xs, mags, errors)) in enumerate(series.items()):
        colour = COLOURS.get(name, INK)
        draw.text((WIDTH - RIGHT - 40 * number, down.first - 6), name, colour, font, anchor="rb")
        for x, mag, error in zip(xs, mags, errors, strict=True):
            _point(draw, across.pixel(x), down, float(mag), float(error), colour)


def _point(
    draw: ImageDraw.ImageDraw,
    x: float,
    down: Axis,
    mag: float,
    error: float,
    colour: tuple[int, int, int],
) -> None:
    y = down.pixel(mag)
    draw.line([(x, down.pixel(mag - error)), (x, down.pixel(mag + error))], colour)
    draw.ellipse((x - 2.5, y - 2.5, x + 2.5, y + 2.5), fill=colour)


def _axis(values: FloatArray, first: int, last: int) -> Axis:
    low, high = float(np.min(values)), float(np.max(values))
    margin = 0.05 * (high - low) or 0.5
    return Axis(low - margin, high + margin, first, last)
