"""What a stack would be made of if the engine knew the truth: places, light, sky, weights, pixels.

Each replaces what the engine has measured in the subs of a synthetic night.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from astropy.io import fits

from bench.best_light import spoilt
from crowdsky.stacking.integration.layer import Layer
from crowdsky.stacking.registration.transform import IDENTITY, Affine, apply, compose, invert
from crowdsky.synthetic.records import Night, SubTruth, Truth
from crowdsky.synthetic.render_kernels import add_stars, digitise, expose, flat_sky
from crowdsky.synthetic.sky import header

PLACES, SCALES, SKY, WEIGHTS = "places", "scales", "sky", "weights"
MEASURED = (PLACES, SCALES, SKY, WEIGHTS)
"""What the engine measures of each sub, and truth can replace."""
PROFILE_PX = 41
ROUNDS = 6
"""Number of times that the stack's profile is computed anew from the weights, and they from it."""
MESH_PX = 40
SEED = 7


def known_layers(layers: Sequence[Layer], truth: Truth, what: Collection[str]) -> list[Layer]:
    """Replace ``what`` of MEASURED by the truth; the covariance stays that of the engine.

    The engine's reference, to which all of it is relative, is the sub that is not moved.
    """
    numbers = {path.name: number for number, path in enumerate(truth.paths)}
    subs = [numbers[layer.mosaic.frame.path.name] for layer in layers]
    first = next(i for i, layer in enumerate(layers) if layer.transform == IDENTITY)
    reference = truth.subs[subs[first]]
    weights = _weights(truth, subs)
    found = []
    for layer, number, weight in zip(layers, subs, weights / weights[first], strict=True):
        sub = truth.subs[number]
        known = layer
        if PLACES in what:
            place = compose(invert(reference.to_reference), sub.to_reference)
            known = replace(known, transform=place)
        if SCALES in what:
            known = replace(known, scale=reference.transparency / sub.transparency)
        if SKY in what:
            sky = _sky(truth.night, sub, reference, known.transform, known.scale)
            known = replace(known, sky=sky)
        if WEIGHTS in what:
            known = replace(known, weight=float(weight))
        found.append(known)
    return found


def unspoilt(truth: Truth, folder: Path) -> list[Path]:
    """Write the subs of a night without trails, defects and cosmic rays; all else is the same.

    What they have spoilt is drawn again, with noise of its own; patches are missing there.
    """
    night, camera = truth.night, truth.night.camera
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for index, (sub, path) in enumerate(zip(truth.subs, truth.paths, strict=True)):
        sky = np.array(night.sky_adu) * sub.sky_factor
        size = (camera.height, camera.width)
        light = flat_sky(size, camera.pattern, sky, night.gradient_adu)
        flux = truth.star_flux * sub.transparency
        add_stars(light, camera.pattern, *truth.stars_in(index), flux, _widths(night, index),
                  sub.smear_px)  # fmt: skip
        rng = np.random.default_rng([SEED, index])
        exposed = expose(light, camera.adu_per_electron, camera.read_noise_electrons, rng)
        drawn = digitise(exposed + np.float32(camera.bias_adu), camera.adc_step_adu)
        pixels = np.where(spoilt(truth, sub), drawn, fits.getdata(path))
        paths.append(folder / path.name)
        fits.PrimaryHDU(pixels.astype(np.uint16), header(truth, index)).writeto(paths[-1])
    return paths


def _widths(night: Night, index: int) -> tuple[float, float, float]:
    blur = night.soft_factor if index in night.soft else 1.0
    red, green, blue = (blur * width for width in night.fwhm_px)
    return red, green, blue


def _weights(truth: Truth, subs: Sequence[int]) -> np.ndarray:
    """The factors for subs that give stars in front of the sky the least noise, (n,)."""
    night, camera = truth.night, truth.night.camera
    reading = (camera.read_noise_electrons * camera.adu_per_electron) ** 2
    profiles, inverse = [], []
    for number in subs:
        sub = truth.subs[number]
        width = float(np.mean(_widths(night, number)))
        box = np.zeros((PROFILE_PX, PROFILE_PX), np.float32)
        middle = np.array([PROFILE_PX // 2], float)
        add_stars(box, "MONO", middle, middle, np.full((1, 3), 1e5), (width,) * 3, sub.smear_px)
        profiles.append(box / box.sum())
        sky = camera.adu_per_electron * np.array(night.sky_adu) * sub.sky_factor
        inverse.append(sub.transparency**2 / float(np.mean(np.sqrt(sky + reading))) ** 2)
    weights = np.array(inverse)
    for _ in range(ROUNDS):
        mean = np.tensordot(weights / weights.sum(), np.array(profiles), axes=1)
        weights = np.array(inverse) * [(mean * profile).sum() for profile in profiles]
    return weights


def _sky(
    night: Night, sub: SubTruth, reference: SubTruth, place: Affine, scale: float
) -> np.ndarray:
    """The plane per colour that takes the sky of a sub to that of the reference, (3, 3)."""
    camera = night.camera
    size = (camera.height, camera.width)
    y, x = np.mgrid[: size[0] : MESH_PX, : size[1] : MESH_PX].astype(float)
    x, y = x.ravel(), y.ravel()
    base = np.column_stack([np.ones(x.size), x, y])
    u, v = apply(invert(place), x, y)
    inside = (u >= 0) & (v >= 0) & (u <= size[1] - 1) & (v <= size[0] - 1)
    column, row = np.rint(u[inside]).astype(int), np.rint(v[inside]).astype(int)
    planes = []
    # A mosaic of one colour is drawn like green; the sky of the others is in proportion.
    levels = np.array(night.sky_adu)
    own, theirs = (
        flat_sky(size, "MONO", levels * one.sky_factor, night.gradient_adu)
        for one in (sub, reference)
    )
    for share in levels / levels[1]:
        mine = camera.bias_adu + share * own[row, column]
        other = camera.bias_adu + share * theirs[::MESH_PX, ::MESH_PX].ravel()[inside]
        planes.append(np.linalg.lstsq(base[inside], scale * mine - other, rcond=None)[0])
    return np.array(planes)
