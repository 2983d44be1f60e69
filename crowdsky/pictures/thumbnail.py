"""A small picture of a stack for web pages."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from astropy.io import fits
from PIL import Image

from crowdsky.base.errors import BadDataError
from crowdsky.frames.fits_header import START_BYTES, is_fits, other_kind
from crowdsky.frames.rounding import rounding_of

DARK_PERCENTILE = 1.0
BRIGHT_PERCENTILE = 99.5
BRIGHTEST_SKY = 0.13
"""Brightness of the median pixel, 0 to 1, that a stretch may leave at most."""
DARKEST_SKY = 0.04
"""The other colours do not follow one whose sky is darker than this, as in a red nebula."""
LIGHTEST_SKY = 0.95
"""A sky as light as that is none: half of the picture is as bright as its brightest parts."""
KNEE = 0.7
"""Up to this level the stretch is linear; what is brighter shares the rest."""
BRIGHTEST_PERCENTILE = 99.7
MOST_BALANCE = 1.7
USUAL_SIZE = 512
LIGHT_BLUR_PX, COLOUR_BLUR_PX = 1.0, 8.0
FINEST_BLUR_PX = 2.0
"""A wider blur is done on a picture that is reduced until it is as narrow as this."""
LIGHT_SIGMA, COLOUR_SIGMA = (1.5, 5.0), (5.0, 20.0)
"""Pixels nearer to the sky than the first, in standard deviations of its noise, are made calm;
those farther away than the second stay as they are. A colour is a difference of noisy planes."""
STEPS_OF_A_STRETCH = 100.0
"""What pixels are rounded by is stretched to two of 255 greys at most."""
MAX_PIXELS = 64_000_000
_PLANE_NAMES = (("RED", "R"), ("GREEN", "G"), ("BLUE", "B"))
_NOT_A_PICTURE = ("FOOTPRINT", "MASK", "WEIGHT")


class NoPictureError(BadDataError):
    """A FITS file holds nothing that a thumbnail could be made of."""


@dataclass(frozen=True, slots=True)
class _Picture:
    planes: np.ndarray
    """(1 or 3, height, width) float32."""
    covered: np.ndarray
    """(height, width) bool."""


def generate_thumbnail(fits_path: Path, output_path: Path, max_size: int = USUAL_SIZE) -> Path:
    """Write a PNG of a stack, at most ``max_size`` pixels on its longer side.

    It shows what ``draw_picture`` says, and raises the same; also OSError when the thumbnail cannot
    be written. The PNG appears whole or not at all.
    """
    picture = draw_picture(fits_path, max_size)
    output_path = Path(output_path)
    partial = output_path.with_name(output_path.name + ".part")
    try:
        picture.save(partial, format="PNG")
        partial.replace(output_path)
    finally:
        partial.unlink(missing_ok=True)
    return output_path


def draw_picture(fits_path: Path, max_size: int) -> Image.Image:
    """A stack as an 8-bit RGB picture, at most ``max_size`` pixels on its longer side.

    Reads our own product (RED, GREEN and BLUE, with FOOTPRINT), a colour cube in the primary with
    the colours first or last, and a plain mono image. The aspect is kept, nothing is enlarged,
    row 0 of the array is on top. Uncovered pixels are black and do not take part in the stretch.

    Each colour is stretched by itself, from its own 1st to its own 99.5th percentile. One stretch
    for all colours would be truer to the ADU, but what it shows is the camera: with a quarter more
    skyglow in green than in red and blue, the whole sky of M 94 turns bright green. Per colour the
    sky is neutral, and the colour that is left belongs to stars and galaxies; where the percentiles
    lie hardly above the noise, the brightest things are brought nearer to grey (``_balanced``).

    The sky is made calm (``_calm``): two subs of M 94 were red, green and blue confetti. Between
    the percentiles the stretch is linear where the sky is dark already. In a sparse field
    the upper percentile lies hardly above the noise, and the sky would be a grainy middle grey
    (0.4 for 12 subs of M 94); there a power of the linear value takes the sky's median down, in all
    colours to the same level of at most BRIGHTEST_SKY, which leaves both ends in place and the
    galaxy in front of a dark sky. Above KNEE the stretch bends into a shoulder (``_shouldered``),
    so that there is something to see in what is beyond the upper percentile, as M 94's core.

    Raises NoPictureError when the file holds no such picture, OSError when it cannot be read.
    """
    colours = _stretched(_reduced(_load(Path(fits_path)), max_size))
    if len(colours) == 1:
        colours *= 3
    return Image.fromarray(np.stack(colours, axis=2))


def _check_kind(path: Path) -> None:
    """Refuse what is no FITS in our own words; astropy's speak of its options."""
    with path.open("rb") as stream:
        start = stream.read(START_BYTES)
    if is_fits(start):
        return
    other = other_kind(start)
    raise NoPictureError(
        "cannot make a thumbnail",
        where=path.name,
        why="it is not a FITS file" if other is None else f"it is {other[0]}, not FITS",
        hint="give a stack" if other is None else other[1],
    )


def _load(path: Path) -> _Picture:
    _check_kind(path)
    with fits.open(path) as hdus:
        # A list first: a freshly opened file does not know yet how many HDUs it has.
        images = [hdu for hdu in list(hdus) if hdu.is_image and 0 < hdu.size <= 3 * MAX_PIXELS]
        planes = _colour_planes(images)
        if planes is None:
            raise NoPictureError(
                "cannot make a thumbnail",
                where=path.name,
                why="the file holds no picture of one or three planes",
                hint="give a stack: RED, GREEN and BLUE, a colour cube or a mono image",
            )
        planes = planes.astype(np.float32)
        covered = np.isfinite(planes).all(axis=0)
        footprint = _named(images, ("FOOTPRINT",))
        if footprint is not None and footprint.shape == covered.shape:
            covered &= footprint.data > 0
    return _Picture(np.where(covered, planes, np.float32(0)), covered)


def _colour_planes(images: list[fits.ImageHDU]) -> np.ndarray | None:
    """The picture as (1 or 3, height, width), colours in the order R, G, B; None without any."""
    colours = [_named(images, names) for names in _PLANE_NAMES]
    shapes = {hdu.shape for hdu in colours if hdu is not None}
    if None not in colours and len(shapes) == 1 and len(next(iter(shapes))) == 2:
        return np.stack([hdu.data for hdu in colours if hdu is not None])
    for hdu in images:
        if hdu.name.upper() in _NOT_A_PICTURE:
            continue
        data = np.asarray(hdu.data)
        if data.ndim == 2:
            return data[np.newaxis]
        if data.ndim == 3 and data.shape[0] == 3:
            return data
        if data.ndim == 3 and data.shape[2] == 3:
            return np.moveaxis(data, 2, 0)
    return None


def _named(images: list[fits.ImageHDU], names: tuple[str, ...]) -> fits.ImageHDU | None:
    return next((hdu for hdu in images if hdu.name.upper() in names), None)


def _reduced(picture: _Picture, max_size: int) -> _Picture:
    """The picture at most ``max_size`` pixels long, by averaging the covered part of areas."""
    height, width = picture.covered.shape
    scale = min(1.0, max_size / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    share = _area_mean(picture.covered.astype(np.float32), size)
    planes = [
        _area_mean(plane, size) / np.maximum(share, np.float32(1e-6)) for plane in picture.planes
    ]
    return _Picture(np.stack(planes), share > 0.5)


def _area_mean(
    plane: np.ndarray, size: tuple[int, int], how: Image.Resampling = Image.Resampling.BOX
) -> np.ndarray:
    """A plane at another ``size`` (width, height); each pixel is the mean of its area."""
    resized = Image.fromarray(plane.astype(np.float32, copy=False)).resize(size, how)
    return np.asarray(resized)


def _stretched(picture: _Picture) -> list[np.ndarray]:
    """The planes as (height, width) uint8: linear by percentiles, calm, skies made equal, soft."""
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
    """A plane (height, width) with the percentiles of its covered pixels at 0 and 1.

    What differs by rounding alone is flat: its grain is not stretched.
    """
    dark, bright = np.percentile(plane[covered], [DARK_PERCENTILE, BRIGHT_PERCENTILE])
    rounding = rounding_of(max(abs(dark), abs(bright)), STEPS_OF_A_STRETCH)
    level: np.ndarray = (plane - dark) / max(bright - dark, rounding, 1e-6)
    return level


def _calm(levels: np.ndarray, covered: np.ndarray) -> np.ndarray:
    """The levels (planes, height, width) with less grain where there is nothing but sky.

    Every pixel's noise has a colour of its own, which is most of the grain; the eye takes colour
    from larger patches than brightness. What stands out of the noise, such as a star, stays as it
    is, in light and in colour.
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
    # Seen on the blurred light, where a lucky pixel is not taken for a star.
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
    """How much of itself each pixel keeps, 0 to 1, and its share in the blur of the others."""
    kept = np.clip((above - sigma[0]) / (sigma[1] - sigma[0]), 0.0, 1.0)
    return kept, np.where(covered, 1.0 - kept, 0.0)


def _balanced(levels: np.ndarray, covered: np.ndarray) -> np.ndarray:
    """The levels (planes, height, width) with the brightest things grey on the average.

    Where the upper percentile is hardly above the noise, the colour with the least noise, green, is
    stretched the most. The others follow, but to no more than MOST_BALANCE times their own
    stretch: a nebula may be red.
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
    """A plane after a Gaussian blur of ``sigma`` pixels, in which each pixel has its share."""
    fine = max(1, round(sigma / FINEST_BLUR_PX))
    height, width = plane.shape
    size = (max(1, -(-width // fine)), max(1, -(-height // fine)))
    # A wide blur leaves nothing that half its width does not show, and then costs less.
    sums, shares = (_area_mean(part, size) for part in (plane * share, share))
    weights = _gaussian(sigma / fine)
    smooth = _convolved(sums, weights) / np.maximum(_convolved(shares, weights), np.float32(1e-6))
    return _area_mean(smooth, (width, height), Image.Resampling.BILINEAR)


def _gaussian(sigma: float) -> np.ndarray:
    reach = int(np.ceil(3.0 * sigma))
    weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    return np.asarray(weights / weights.sum(), dtype=np.float32)


def _convolved(plane: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """A plane convolved along both axes; beyond its edges there is nothing."""
    for _ in range(2):
        wide = np.pad(plane, ((len(weights) // 2, len(weights) // 2), (0, 0)))
        mixed = np.zeros_like(plane)
        for start, weight in enumerate(weights):
            mixed += weight * wide[start : start + len(plane)]
        plane = np.ascontiguousarray(mixed.T)
    return plane


def _shouldered(levels: np.ndarray, covered: np.ndarray) -> np.ndarray:
    """The levels (planes, height, width) with what is above KNEE bent so that the brightest is 1.

    All planes are bent in the same way, by their own brightness: a core grows paler towards its
    middle, as on film, instead of turning into a flat disc.
    """
    ceiling = float(levels[:, covered].max())
    if ceiling <= 1.0:
        return levels
    span = (ceiling - KNEE) / (1.0 - KNEE)
    # asinh(r x) / asinh(r) sets out as steeply as the linear part if r / asinh(r) is the span.
    low, high = 1e-6, 1e9
    for _ in range(60):
        middle = (low * high) ** 0.5
        low, high = (low, middle) if middle / np.arcsinh(middle) > span else (middle, high)
    over = np.maximum(levels - KNEE, 0.0) / (ceiling - KNEE)
    soft = KNEE + (1.0 - KNEE) * np.arcsinh(high * over) / np.arcsinh(high)
    result: np.ndarray = np.where(levels > KNEE, soft, levels)
    return result


def _darkened(level: np.ndarray, power: float) -> np.ndarray:
    """A power of a level up to 1; above 1 the level itself, so that colours of stars stay."""
    result: np.ndarray = np.where(level < 1.0, level, 1.0) ** power + np.maximum(level - 1.0, 0.0)
    return result
