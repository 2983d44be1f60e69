"""Draws a light curve as a PNG: magnitudes over time."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from crowdsky.base.arrays import FloatArray

WIDTH, HEIGHT = 1000, 420
"""Pixels of the picture."""
LEFT, RIGHT, TOP, BOTTOM = 80, 30, 40, 50
BACKGROUND, INK, GRID = (255, 255, 255), (40, 40, 40), (225, 225, 225)
COLOURS = {"TR": (200, 60, 50), "TG": (40, 140, 60), "TB": (50, 80, 200), "CV": (90, 90, 90)}
TICKS = 6
DAY_ZERO = 2400000.0

Series = tuple[FloatArray, FloatArray, FloatArray]
"""Times, magnitudes and their errors."""


@dataclass(frozen=True, slots=True)
class Axis:
    """One axis: its range in values and in pixels."""

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


def draw_light_curve(output: Path, bands: Mapping[str, Series], title: str) -> None:
    """Write the picture of a light curve.

    Args:
        output: the PNG.
        bands: by name; times are BJD (TDB), magnitudes rise downwards.
        title: above the curve.

    Raises:
        ValueError: there is no point.
        OSError: the file cannot be written.
    """
    shown = {name: (t - DAY_ZERO, m, e) for name, (t, m, e) in bands.items() if len(t)}
    if not shown:
        raise ValueError("there is no point to draw")
    picture = Image.new("RGB", (WIDTH, HEIGHT), BACKGROUND)
    draw = ImageDraw.Draw(picture)
    font = ImageFont.load_default(15)
    draw.text((LEFT, 12), title, INK, font)
    _panel(draw, font, shown, "BJD - 2400000", 0)
    picture.save(output, "PNG")


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
