"""Writes the planes of a stack for browsers, which stretch them as their reader likes.

A grey PNG of 16 bits, with red, green and blue (or the only plane) below each other. The gradient
of the sky is subtracted and the colours are balanced, as in the developed picture; the light is
linear and not smoothed. A value of 0 is uncovered; value v of plane i is
``zero[i] + v * step[i]`` ADU above the sky. These numbers, the noise and the size are JSON in the
text chunk ``crowdsky``. Steps are an eighth of the noise, or larger where the brightest star needs
it, so that noise beyond what the eye can see is not stored.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image, PngImagePlugin

from crowdsky.pictures.develop import balanced_planes
from crowdsky.pictures.negative import Negative
from crowdsky.pictures.picture_files import PNG_COMPRESSION, RUN_LENGTHS
from crowdsky.pictures.planes import reduce_planes

LONGEST_SIDE = 1280
STEPS_OF_NOISE = 8.0
HIGHEST = 65535
DARKEST_NOISE = 12.0
"""Values further below the sky than this many times the noise are cut off."""
TEXT_CHUNK = "crowdsky"


def write_preview(negative: Negative, path: Path) -> Path:
    """Write the preview of a stack; it appears whole or not at all. Raises OSError."""
    smaller = reduce_planes(negative.picture, LONGEST_SIDE)
    covered = smaller.covered
    planes, sigma = balanced_planes(replace(negative, picture=smaller))
    values, zeros, steps = [], [], []
    for plane, noise in zip(planes, sigma, strict=True):
        lowest, highest = (float(plane[covered].min()), float(plane[covered].max()))
        zero = max(lowest, -DARKEST_NOISE * float(noise))
        step = max(float(noise) / STEPS_OF_NOISE, (highest - zero) / (HIGHEST - 1))
        value = np.clip(np.rint((plane - zero) / step) + 1.0, 1, HIGHEST)
        values.append(np.where(covered, value, 0).astype(np.uint16))
        zeros.append(zero - step)
        steps.append(step)
    facts = {
        "planes": len(values),
        "width": covered.shape[1],
        "height": covered.shape[0],
        "full_width": negative.picture.covered.shape[1],
        "full_height": negative.picture.covered.shape[0],
        "zero": [round(zero, 6) for zero in zeros],
        "step": [round(step, 6) for step in steps],
        "noise": [round(float(noise), 6) for noise in sigma],
    }
    text = PngImagePlugin.PngInfo()
    text.add_text(TEXT_CHUNK, json.dumps(facts, allow_nan=False))
    partial = path.with_name(path.name + ".part")
    try:
        Image.fromarray(np.concatenate(values)).save(
            partial,
            format="PNG",
            pnginfo=text,
            compress_level=PNG_COMPRESSION,
            compress_type=RUN_LENGTHS,
        )
        return partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
