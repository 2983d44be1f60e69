"""What the tests of the native engine measure on a stacked picture."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from crowdsky.stacking.engine import StackedPicture, StackOptions
from crowdsky.stacking.engines.native import stack
from crowdsky.stacking.registration.transform import apply
from crowdsky.synthetic.sky import Truth


def silent(stage: str, done: int, total: int) -> None:
    """Report nothing."""


def run(paths: Sequence[Path], *, threads: int = 2, **options: object) -> StackedPicture:
    """Stack with the native engine; ``options`` are those of StackOptions."""
    return stack(paths, StackOptions(**options), silent, threads=threads)  # type: ignore[arg-type]


def used(picture: StackedPicture) -> list[bool]:
    return [frame.report.used for frame in picture.frames]


def reasons(picture: StackedPicture) -> list[str]:
    return [frame.report.reason for frame in picture.frames]


def reference_index(picture: StackedPicture) -> int:
    """Return the index of the sub whose pixels are those of the stack."""
    return reasons(picture).index("reference of the alignment")


def corner_errors(picture: StackedPicture, truth: Truth) -> list[float]:
    """Return the largest distance in px between found and true transform, per used sub."""
    reference = reference_index(picture)
    camera = truth.night.camera
    x = np.array([0.0, camera.width - 1.0, 0.0, camera.width - 1.0])
    y = np.array([0.0, 0.0, camera.height - 1.0, camera.height - 1.0])
    errors = []
    for index, frame in enumerate(picture.frames):
        if frame.report.used and frame.report.transform is not None:
            found = apply(frame.report.transform, x, y)
            true = apply(truth.transform(index, to=reference), x, y)
            errors.append(float(np.hypot(found[0] - true[0], found[1] - true[1]).max()))
    return errors


def interior(picture: StackedPicture, margin: int = 70) -> np.ndarray:
    """The planes without their edges."""
    return picture.planes[:, margin:-margin, margin:-margin]


def sky_noise(picture: StackedPicture) -> float:
    """Measure the noise of green in 4x4 means, which smoothing of pixels does not lower."""
    green = interior(picture)[1]
    height, width = (side // 4 * 4 for side in green.shape)
    blocks = green[:height, :width].reshape(height // 4, 4, width // 4, 4).mean(axis=(1, 3))
    difference = blocks[:, 2:] - blocks[:, :-2]
    return float(1.4826 * np.median(np.abs(difference)) / np.sqrt(2.0))


def trail_light(picture: StackedPicture, truth: Truth, sub: int) -> float:
    """Light left of the first trail of a sub, 1 if it were averaged in like the sky.

    Measured on the trail's ridge against strips 10 px to both sides.
    """
    trail = truth.subs[sub].trails[0]
    along = np.linspace(0.15, 0.85, 400)
    x, y = trail.x0 + along * (trail.x1 - trail.x0), trail.y0 + along * (trail.y1 - trail.y0)
    length = np.hypot(trail.x1 - trail.x0, trail.y1 - trail.y0)
    across = np.array([-(trail.y1 - trail.y0), trail.x1 - trail.x0]) / length
    transform = picture.frames[sub].report.transform
    assert transform is not None

    def strip(offset: float) -> np.ndarray:
        u, v = apply(transform, x + offset * across[0], y + offset * across[1])
        height, width = picture.footprint.shape
        inside = (u > 5) & (v > 5) & (u < width - 6) & (v < height - 6)
        assert inside.sum() > 100
        rows, columns = np.rint(v[inside]).astype(int), np.rint(u[inside]).astype(int)
        return np.asarray(picture.planes[:, rows, columns].mean(axis=0))

    ridge = np.median(np.concatenate([strip(offset) for offset in (-0.5, 0.0, 0.5)]))
    aside = np.median(np.concatenate([strip(offset) for offset in (-11, -9, 9, 11)]))
    full = float(np.mean(trail.peak_adu)) / sum(used(picture))
    return float((ridge - aside) / full)


def reference_places(truth: Truth, sub: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the places of lone stars of all brightnesses, and of empty sky; (n, 2) each."""
    x, y = truth.stars_in(sub)
    flux = truth.star_flux[:, 1]
    inside = (x > 60) & (x < 420) & (y > 60) & (y < 580)
    stars = [
        (x[star], y[star])
        for star in np.flatnonzero(inside & (flux > 3000.0) & (flux < 3e5))
        if flux[((away := np.hypot(x - x[star], y - y[star])) > 0.0) & (away < 13)].sum()
        < 0.02 * flux[star]
    ]
    seen = flux > 300.0
    empty = [
        (column, row)
        for column in np.arange(65.0, 415.0, 11.0)
        for row in np.arange(65.0, 575.0, 11.0)
        if np.hypot(column - x[seen], row - y[seen]).min() > 14.0
    ]
    return np.array(stars), np.array(empty)
