"""Draws a solved stack with its stars, objects, scale and directions."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from crowdsky.pictures.picture_files import reduced_to, save_picture
from crowdsky.solving.catalogue import CatalogueStars
from crowdsky.solving.objects import FieldObject
from crowdsky.solving.solution import Solution

LONGEST_SIDE = 1200
STAR_COLOUR = (110, 230, 160)
DETECTION_COLOUR = (120, 130, 150)
OBJECT_COLOUR = (255, 205, 90)
FRAME_COLOUR = (235, 235, 235)
SHADOW = (0, 0, 0)

MAX_DETECTIONS = 400
MAX_STAR_LABELS = 40
NICE_ARCMIN = (0.5, 1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600)

Box = tuple[float, float, float, float]


def draw_overlay(
    picture: Image.Image,
    output_path: Path,
    solution: Solution,
    detections: np.ndarray,
    catalogue: CatalogueStars,
    objects: Sequence[FieldObject],
    longest_side: int = LONGEST_SIDE,
) -> Path:
    """Write a PNG of a solved stack with everything known about its field.

    Catalogue stars are circles where the solution puts them, with their magnitudes, so that a
    wrong solution is obvious; detections are small circles. Objects are circles of their size.
    The orientation is that of the thumbnail: row 0 of the array is on top.

    Args:
        picture: the developed stack, RGB, of any size; it stays as it is.
        output_path: the PNG; appears whole or not at all.
        solution: its plate.
        detections: rows with x and y (0-based pixels), brightest first.
        catalogue: stars in the field, brightest first.
        objects: from `objects_in_field`.
        longest_side: longer side of the picture, pixels.

    Raises OSError when the PNG cannot be written.
    """
    drawn = reduced_to(picture, longest_side)
    if drawn is picture:
        drawn = picture.copy()
    chart = _Chart(drawn, solution)
    chart.detections(detections)
    chart.scale_bar()
    chart.compass()
    chart.objects(objects)
    chart.stars(catalogue)
    return save_picture(drawn, output_path)


def _box_around(one: tuple[float, float], other: tuple[float, float], margin: float) -> Box:
    """Return the box around two positions with a margin."""
    (left, right), (top, bottom) = sorted((one[0], other[0])), sorted((one[1], other[1]))
    return left - margin, top - margin, right + margin, bottom + margin


class _Chart:
    """Draws on one picture, and keeps labels from covering each other."""

    def __init__(self, picture: Image.Image, solution: Solution) -> None:
        self._draw = ImageDraw.Draw(picture)
        self._size = picture.size
        self._solution = solution
        self._zoom = picture.width / solution.width
        self._unit = max(1.0, max(picture.size) / 1000.0)
        """Pixels per unit of lines and letters: a thousandth of the longer side."""
        self._font = ImageFont.load_default(13 * self._unit)
        self._taken: list[Box] = []

    def detections(self, detections: np.ndarray) -> None:
        """Draw a small circle on each of the brightest detections."""
        radius = 2.5 * self._unit
        for row in detections[:MAX_DETECTIONS]:
            x, y = self._place(float(row["x"]), float(row["y"]))
            self._circle(x, y, radius, DETECTION_COLOUR)

    def stars(self, catalogue: CatalogueStars) -> None:
        """Draw a circle on each catalogue star, and the magnitudes of the brightest."""
        xs, ys = self._solution.wcs.pixel(catalogue.ra, catalogue.dec)
        radius = 9 * self._unit
        labels = 0
        for star_x, star_y, mag in zip(xs, ys, catalogue.mag, strict=True):
            x, y = self._place(float(star_x), float(star_y))
            if not self._inside(x, y):
                continue
            self._circle(x, y, radius, STAR_COLOUR)
            if labels < MAX_STAR_LABELS:
                labels += self._label(x, y, radius, f"{mag:.1f}", STAR_COLOUR)

    def objects(self, objects: Sequence[FieldObject]) -> None:
        """Draw a circle of its size around each object, and its name."""
        for found in objects:
            x, y = self._place(found.x, found.y)
            size = found.sky.size_arcmin[0]
            arcmin = size if math.isfinite(size) else 0.0
            radius = arcmin * 30.0 / self._solution.scale_arcsec * self._zoom
            radius = max(14 * self._unit, radius)
            self._circle(x, y, radius, OBJECT_COLOUR, width=1.5)
            self._label(x, y, radius, found.sky.name, OBJECT_COLOUR)

    def scale_bar(self) -> None:
        """Draw a bar of a round number of arcminutes, bottom left."""
        pixels_per_arcmin = 60.0 / self._solution.scale_arcsec * self._zoom
        width, height = self._size
        fitting = [a for a in NICE_ARCMIN if a * pixels_per_arcmin <= 0.3 * width]
        arcmin = fitting[-1] if fitting else NICE_ARCMIN[0]
        left, base = 20 * self._unit, height - 24 * self._unit
        right = left + arcmin * pixels_per_arcmin
        tick = 5 * self._unit
        self._line([(left, base), (right, base)])
        for x in (left, right):
            self._line([(x, base - tick), (x, base + tick)])
        text = f"{arcmin:g}'" if arcmin < 60 else f"{arcmin / 60:g}\N{DEGREE SIGN}"
        self._text(((left + right) / 2, base - 12 * self._unit), text, FRAME_COLOUR, "mm")
        self._taken.append((left, base - 20 * self._unit, right, base + tick))

    def compass(self) -> None:
        """Draw arrows to north and east, bottom right."""
        width, height = self._size
        length = 42 * self._unit
        middle = (width - 85 * self._unit, height - 85 * self._unit)
        for name, (dx, dy) in self._directions().items():
            tip = (middle[0] + length * dx, middle[1] + length * dy)
            self._line([middle, tip])
            for side in (-1.0, 1.0):
                turn = math.radians(180.0 + side * 25.0)
                bx = dx * math.cos(turn) - dy * math.sin(turn)
                by = dx * math.sin(turn) + dy * math.cos(turn)
                barb = 0.25 * length
                self._line([tip, (tip[0] + barb * bx, tip[1] + barb * by)])
            label = (middle[0] + 1.35 * length * dx, middle[1] + 1.35 * length * dy)
            self._text(label, name, FRAME_COLOUR, "mm")
            self._taken.append(_box_around(middle, label, 8 * self._unit))

    def _directions(self) -> dict[str, tuple[float, float]]:
        """Compute unit vectors on the picture towards north and east from the plate."""
        a, b, c, d = self._solution.wcs.cd
        det = self._solution.wcs.determinant
        steps = {"N": (-b / det, a / det), "E": (d / det, -c / det)}
        return {
            name: (x / math.hypot(x, y), y / math.hypot(x, y)) for name, (x, y) in steps.items()
        }

    def _place(self, x: float, y: float) -> tuple[float, float]:
        """Convert a pixel of the stack to this picture."""
        return (x + 0.5) * self._zoom, (y + 0.5) * self._zoom

    def _inside(self, x: float, y: float) -> bool:
        return 0 <= x < self._size[0] and 0 <= y < self._size[1]

    def _circle(
        self, x: float, y: float, radius: float, colour: tuple[int, int, int], width: float = 1.0
    ) -> None:
        box = (x - radius, y - radius, x + radius, y + radius)
        self._draw.ellipse(box, outline=colour, width=max(1, round(width * self._unit)))

    def _line(self, points: list[tuple[float, float]]) -> None:
        for colour, width in ((SHADOW, 4.0), (FRAME_COLOUR, 2.0)):
            self._draw.line(points, fill=colour, width=max(1, round(width * self._unit)))

    def _label(
        self, x: float, y: float, radius: float, text: str, colour: tuple[int, int, int]
    ) -> bool:
        """Write beside a circle, on the first side that is free; returns whether there was one."""
        gap = 0.72 * radius + 2 * self._unit
        for anchor, dx, dy in (("ls", 1, -1), ("lt", 1, 1), ("rs", -1, -1), ("rt", -1, 1)):
            at = (x + dx * gap, y + dy * gap)
            box = self._draw.textbbox(at, text, font=self._font, anchor=anchor)
            if self._free(box):
                self._taken.append(box)
                self._text(at, text, colour, anchor)
                return True
        return False

    def _free(self, box: Box) -> bool:
        left, top, right, bottom = box
        if left < 0 or top < 0 or right > self._size[0] or bottom > self._size[1]:
            return False
        return all(
            right < other[0] or left > other[2] or bottom < other[1] or top > other[3]
            for other in self._taken
        )

    def _text(
        self, at: tuple[float, float], text: str, colour: tuple[int, int, int], anchor: str
    ) -> None:
        edge = max(1, round(self._unit))
        self._draw.text(at, text, colour, self._font, anchor, stroke_width=edge, stroke_fill=SHADOW)
