"""The light of stars as well as the raw subs tell it: how much more does a stack scatter?

Of a synthetic night all is known: places and profiles of the stars, the sky, the noise, and which
pixels trails and defects have spoilt. With that, the weighted mean of the raw pixels has the least
variance that an estimate without bias can have (Cramer and Rao), and what any other estimate
deviates from it is noise of its own (Lehmann & Scheffe 1950). So the scatter of another one
exceeds the least by 1 over its correlation with the best, which a single night tells ten times as
exactly as a scatter.
"""

from __future__ import annotations

import math

import numpy as np
from astropy.io import fits

from bench.best_weights import MIN_OBJECTS, NOTHING, Estimate, usual
from crowdsky.stacking.registration.transform import apply, invert
from crowdsky.synthetic.records import SubTruth, Truth
from crowdsky.synthetic.render_kernels import add_stars, flat_sky, mosaic_colours

REACH_PX = 8
"""Half the side of the box around a star that is measured; it has 98 % of what there is to know."""
TRAIL_PX = 6.0
UNIT_ADU = 1e5
"""Light of the stars that profiles are rendered from: so much that the renderer cuts off little."""


def best_light(truth: Truth, x: np.ndarray, y: np.ndarray, light: np.ndarray) -> np.ndarray:
    """Estimate the light of stars from the raw pixels of a night, and compare it with the truth.

    Args:
        truth: the night, with its files.
        x, y: places of n stars in the reference frame that have no neighbours, (n,).
        light: of these stars in one clear sub, (n, 3) ADU: red, green, blue.

    Returns the deviation of the mean of the colours, relative to truth, (n,); NaN for stars that no
    sub shows in all colours.
    """
    sums, norms = np.zeros((2, *light.shape))
    for index, (sub, path) in enumerate(zip(truth.subs, truth.paths, strict=True)):
        places = apply(invert(sub.to_reference), x, y)
        empty = _empty(truth, sub)
        profile, own = (
            _stars(truth, index, places, one * sub.transparency)
            for one in (np.full(light.shape, UNIT_ADU), light)
        )
        profile /= UNIT_ADU
        weight = profile / _variance(truth, empty + own)
        weight[spoilt(truth, sub)] = 0.0
        pixels = fits.getdata(path).astype(np.float32) - empty - truth.night.camera.bias_adu
        sums += _by_colour(truth, places, weight * pixels)
        norms += _by_colour(truth, places, weight * profile)
    with np.errstate(invalid="ignore"):
        found = np.where(norms > 0.0, sums / norms, math.nan)
    return np.asarray(found.mean(axis=1) / light.mean(axis=1) - 1.0)


def above_best(off: np.ndarray, best: np.ndarray) -> Estimate:
    """How many times the least possible scatter an estimate has.

    ``off`` and ``best`` (n,) are deviations from truth, of the estimate and of the best one.
    NOTHING where few stars have both.
    """
    both = usual(off) & usual(best)
    if both.sum() < MIN_OBJECTS:
        return NOTHING
    alike = float(np.corrcoef(off[both], best[both])[0, 1])
    if not alike > 0.0:
        return NOTHING
    return Estimate(1.0 / alike, (1.0 - alike**2) / alike**2 / math.sqrt(both.sum()))


def _stars(
    truth: Truth, index: int, places: tuple[np.ndarray, np.ndarray], light: np.ndarray
) -> np.ndarray:
    """Render stars alone as sub ``index`` shows them, (height, width) ADU."""
    night, camera = truth.night, truth.night.camera
    blur = night.soft_factor if index in night.soft else 1.0
    red, green, blue = (blur * width for width in night.fwhm_px)
    picture = np.zeros((camera.height, camera.width), np.float32)
    smear = truth.subs[index].smear_px
    add_stars(picture, camera.pattern, *places, light, (red, green, blue), smear)
    return picture


def _empty(truth: Truth, sub: SubTruth) -> np.ndarray:
    night, camera = truth.night, truth.night.camera
    sky = np.array(night.sky_adu) * sub.sky_factor
    return flat_sky((camera.height, camera.width), camera.pattern, sky, night.gradient_adu)


def _variance(truth: Truth, light: np.ndarray) -> np.ndarray:
    """Variance of pixels with so much light, ADU squared: of photons, reading and digitising."""
    camera = truth.night.camera
    reading = (camera.read_noise_electrons * camera.adu_per_electron) ** 2
    return np.asarray(camera.adu_per_electron * light + reading + camera.adc_step_adu**2 / 12.0)


def spoilt(truth: Truth, sub: SubTruth) -> np.ndarray:
    """Pixels with defects, cosmic rays or trails, (height, width) bool."""
    camera = truth.night.camera
    spoilt = np.zeros((camera.height, camera.width), bool)
    for defects in (truth.hot_pixels, truth.warm_pixels, sub.cosmic_rays):
        spoilt[defects.y, defects.x] = True
    rows, columns = np.ogrid[: camera.height, : camera.width]
    for trail in sub.trails:
        along_x, along_y = trail.x1 - trail.x0, trail.y1 - trail.y0
        across = along_x * (rows - trail.y0) - along_y * (columns - trail.x0)
        spoilt |= np.abs(across) < TRAIL_PX * math.hypot(along_x, along_y)
    return spoilt


def _by_colour(
    truth: Truth, places: tuple[np.ndarray, np.ndarray], picture: np.ndarray
) -> np.ndarray:
    """Sum the pixels of each colour in the boxes around n places, (n, 3)."""
    camera = truth.night.camera
    around = np.arange(-REACH_PX, REACH_PX + 1)
    columns = np.rint(places[0]).astype(int)[:, None, None] + around[None, None, :]
    rows = np.rint(places[1]).astype(int)[:, None, None] + around[None, :, None]
    inside = (rows >= 0) & (rows < camera.height) & (columns >= 0) & (columns < camera.width)
    box = picture[rows.clip(0, camera.height - 1), columns.clip(0, camera.width - 1)] * inside
    colour = mosaic_colours(camera.pattern)[rows & 1, columns & 1]
    return np.stack([(box * (colour == one)).sum(axis=(1, 2)) for one in range(3)], axis=1)
