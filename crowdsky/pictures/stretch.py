"""Stretches the planes of a stack into eight bits, so that stars, galaxies and nebulae show.

Each colour is stretched by itself, from its own 1st to its own 99.5th percentile. One stretch for
all colours would be truer to the ADU, but would show the camera: with a quarter more skyglow in
green than in red and blue, the whole sky of M 94 turns bright green. Colour by colour the sky is
neutral, and the colour that is left belongs to stars and galaxies. Where the percentiles lie hardly
above the noise, the brightest things are brought nearer to grey (``_balanced``).

The grain of the sky is calmed (``_calm``): two subs of M 94 were red, green and blue confetti.

Between the percentiles the stretch is linear where the sky is dark already. In a sparse field the
upper percentile lies hardly above the noise, and the sky would be a grainy middle grey (0.4 for 12
subs of M 94). A power of the linear value then takes the median of the sky down, in all colours to
the same level of at most BRIGHTEST_SKY, which leaves both ends in place and the galaxy in front of
a dark sky. Above KNEE the stretch bends into a shoulder (``_shouldered``), so that detail beyond
the upper percentile shows, such as the core of M 94.
"""

from __future__ import annotations

import numpy as np
from PIL import Image

from crowdsky.frames.rounding import rounding_of
from crowdsky.pictures.planes import PicturePlanes, resize_plane

USUAL_SIZE = 512
"""Longer side in pixels of the picture that the blurs are made for."""
DARK_PERCENTILE = 1.0
BRIGHT_PERCENTILE = 99.5
BRIGHTEST_SKY = 0.13
"""Brightness of the median pixel, 0 to 1, that a stretch may leave at most."""
DARKEST_SKY = 0.04
"""Brightness of a sky, 0 to 1, below which the other colours do not follow it: a red nebula."""
LIGHTEST_SKY = 0.95
"""Brightness of a sky, 0 to 1, from which it is none: half of the picture is about as bright as its
brightest parts."""
KNEE = 0.7
"""Level up to which the stretch is linear; what is brighter shares the rest."""
BRIGHTEST_PERCENTILE = 99.7
MOST_BALANCE = 1.7
LIGHT_BLUR_PX, COLOUR_BLUR_PX = 1.0, 8.0
FINEST_BLUR_PX = 2.0
"""Width of a blur in pixels; wider ones are done on a picture reduced until they are as narrow."""
LIGHT_SIGMA, COLOUR_SIGMA = (1.5, 5.0), (5.0, 20.0)
"""Distances from the sky in standard deviations of its noise: pixels nearer than the first are
calmed, those beyond the second stay as they are. A colour is a difference of noisy planes."""
STEPS_OF_A_STRETCH = 100.0
"""Number of rounding steps that are stretched over the whole range at least, so that rounding shows
as two of 255 greys at most."""


def stretch(picture: PicturePlanes) -> list[np.ndarray]:
    """Stretch each plane to uint8 (height, width); uncovered pixels are black and do not count."""
    covered = picture.covered
    if not covered.any():
        return [np.zeros(covered.shape, dtype=np.uint8) for _ in picture.planes]
    levels = np.stack([_linear(plane, covered) for plane in picture.planes])
    levels = np.maximum(_calm(_balanced(levels, covered), covered), 0.0)
    skies = [float(np.median(level[covered])) for level in levels]
    target = min(max(min(skies), DARKEST_SKY), BRIGHTEST_SKY)
    powers = [np.log(target) / np.log(sky) if target < sky < LIGHTEST_SKY else 1.0 for sky in skies]
    levels = np.stack(list(map(_darkened, levels, powers)))
    shown = np.clip(_shouldered(levels, covered), 0.0, 1.0)
    return [np.where(covered, np.rint(255 * level), 0).astype(np.uint8) for level in shown]


def _linear(plane: np.ndarray, covered: np.ndarray) -> np.ndarray:
    """Scale a plane so that the percentiles of its covered pixels are at 0 and 1.

    A plane that differs by rounding alone stays flat: its grain is not stretched.
    """
    dark, bright = np.percentile(plane[covered], [DARK_PERCENTILE, BRIGHT_PERCENTILE])
    rounding = rounding_of(max(abs(dark), abs(bright)), STEPS_OF_A_STRETCH)
    level: np.ndarray = (plane - dark) / max(bright - dark, rounding, 1e-6)
    return level


def _calm(levels: np.ndarray, covered: np.ndarray) -> np.ndarray:
    """Reduce the grain of levels (planes, height, width) where there is nothing but sky.

    The noise of every pixel has a colour of its own, which is most of the grain, and the eye sees
    colour in larger patches than brightness. What stands out from the noise, such as a star, keeps
    its light and its colour.
    """
    # A larger picture of the same sky has more noise in its pixels.
    enlarged = max(1.0, max(covered.shape) / USUAL_SIZE)
    light_px, colour_px = LIGHT_BLUR_PX * enlarged**0.5, COLOUR_BLUR_PX * enlarged
    light = levels.mean(axis=0)
    smooth = _blurred(light, covered, light_px)
    sky = float(np.median(light[covered]))
    noise = 1.4826 * float(np.median(np.abs(light[covered] - sky)))
    if noise <= 0.0:
        return levels
    # Judged on the blurred light, where a single noisy pixel is not taken for a star.
    above = np.abs(smooth - sky) / noise
    # Stars do not lend their light to the sky around them.
    kept, share = _kept(above, covered, LIGHT_SIGMA)
    smooth = _blurred(light, share, light_px)
    calm = smooth + kept * (light - smooth)
    kept, share = _kept(above, covered, COLOUR_SIGMA)
    colours = []
    for level in levels:
        colour = level - light
        patch = _blurred(colour, share, colour_px)
        colours.append(calm + patch + kept * (colour - patch))
    return np.stack(colours)


def _kept(
    above: np.ndarray, covered: np.ndarray, sigma: tuple[float, float]
) -> tuple[np.ndarray, np.ndarray]:
    """Compute what each pixel keeps of itself, 0 to 1, and its share in the blur of the others."""
    kept = np.clip((above - sigma[0]) / (sigma[1] - sigma[0]), 0.0, 1.0)
    return kept, np.where(covered, 1.0 - kept, 0.0)


def _balanced(levels: np.ndarray, covered: np.ndarray) -> np.ndarray:
    """Scale levels (planes, height, width) so that the brightest things are grey on average.

    Where the upper percentile is hardly above the noise, green, which has the least noise, is
    stretched the most. The other colours follow, up to MOST_BALANCE times their own stretch: a
    nebula may be red.
    """
    if len(levels) == 1:
        return levels
    sky = np.median(levels[:, covered], axis=1)
    light = levels.mean(axis=0)
    bright = covered & (light >= np.percentile(light[covered], BRIGHTEST_PERCENTILE))
    shown = np.maximum(np.median(levels[:, bright], axis=1) - sky, 1e-6)
    gains = np.minimum(shown.max() / shown, MOST_BALANCE)
    result: np.ndarray = sky[:, None, None] + gains[:, None, None] * (levels - sky[:, None, None])
    return result


def _blurred(plane: np.ndarray, share: np.ndarray, sigma: float) -> np.ndarray:
    """Blur a plane with a Gaussian of ``sigma`` pixels, each pixel weighted by its ``share``."""
    fine = max(1, round(sigma / FINEST_BLUR_PX))
    height, width = plane.shape
    size = (max(1, -(-width // fine)), max(1, -(-height // fine)))
    # A wide blur leaves no detail that the reduced picture lacks, and is cheaper there.
    sums, shares = (resize_plane(part, size) for part in (plane * share, share))
    weights = _gaussian(sigma / fine)
    smooth = _convolved(sums, weights) / np.maximum(_convolved(shares, weights), np.float32(1e-6))
    return resize_plane(smooth, (width, height), Image.Resampling.BILINEAR)


def _gaussian(sigma: float) -> np.ndarray:
    reach = int(np.ceil(3.0 * sigma))
    weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    return np.asarray(weights / weights.sum(), dtype=np.float32)


def _convolved(plane: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Convolve a plane along both axes; beyond its edges it is 0."""
    for _ in range(2):
        wide = np.pad(plane, ((len(weights) // 2, len(weights) // 2), (0, 0)))
        mixed = np.zeros_like(plane)
        for start, weight in enumerate(weights):
            mixed += weight * wide[start : start + len(plane)]
        plane = np.ascontiguousarray(mixed.T)
    return plane


def _shouldered(levels: np.ndarray, covered: np.ndarray) -> np.ndarray:
    """Bend levels (planes, height, width) above KNEE so that the brightest is 1.

    All planes are bent by the same curve, each by its own brightness: a core grows paler towards
    its middle, as on film, instead of turning into a flat disc.
    """
    ceiling = float(levels[:, covered].max())
    if ceiling <= 1.0:
        return levels
    span = (ceiling - KNEE) / (1.0 - KNEE)
    # asinh(r x) / asinh(r) starts as steeply as the linear part when r / asinh(r) is the span.
    low, high = 1e-6, 1e9
    for _ in range(60):
        middle = (low * high) ** 0.5
        low, high = (low, middle) if middle / np.arcsinh(middle) > span else (middle, high)
    over = np.maximum(levels - KNEE, 0.0) / (ceiling - KNEE)
    soft = KNEE + (1.0 - KNEE) * np.arcsinh(high * over) / np.arcsinh(high)
    result: np.ndarray = np.where(levels > KNEE, soft, levels)
    return result


def _darkened(level: np.ndarray, power: float) -> np.ndarray:
    """Raise a level to a power up to 1; above 1 it stays, and with it the colours of stars."""
    result: np.ndarray = np.where(level < 1.0, level, 1.0) ** power + np.maximum(level - 1.0, 0.0)
    return result
