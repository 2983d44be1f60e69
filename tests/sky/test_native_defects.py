"""Defects of the sensor: all of them found, and no star among them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from tests.sky.conftest import MakeNight
from worker.demo.sky import Truth
from worker.stacking.cosmetic import find_defects
from worker.stacking.detect import measure_frame
from worker.stacking.frames import read_light_frame
from worker.stacking.mosaic import Defects, Mosaic, colours_of


def mosaics(paths: list[Path]) -> list[Mosaic]:
    return [Mosaic(read_light_frame(path), Defects.none()) for path in paths]


def defects(paths: list[Path]) -> set[tuple[int, int]]:
    """(y, x) of what is taken for a defect."""
    with ThreadPoolExecutor(2) as pool:
        found = find_defects(mosaics(paths), pool, lambda done, total: None)
    assert (np.diff(found.y) >= 0).all()
    return set(zip(found.y.tolist(), found.x.tolist(), strict=True))


def true_defects(truth: Truth, least_adu: float) -> set[tuple[int, int]]:
    pixels: set[tuple[int, int]] = set()
    for group in (truth.hot_pixels, truth.warm_pixels):
        inside = (group.x > 4) & (group.y > 4) & (group.x < 475) & (group.y < 635)
        chosen = inside & (group.adu > least_adu)
        pixels |= set(zip(group.y[chosen].tolist(), group.x[chosen].tolist(), strict=True))
    return pixels


@pytest.mark.parametrize(("n_subs", "least_adu"), [(1, 1500.0), (3, 600.0), (12, 250.0)])
def test_defects_are_found(make_night: MakeNight, n_subs: int, least_adu: float) -> None:
    truth = make_night(n_subs=n_subs, n_hot_pixels=60, n_warm_pixels=200, cosmic_rays_per_sub=0.0)
    found, true = defects(truth.paths), true_defects(truth, least_adu)
    assert len(true) > 30
    assert len(true & found) > 0.93 * len(true)
    assert len(found - true_defects(truth, 0.0)) <= 3


@pytest.mark.parametrize("dither_px", [0.0, 12.0])
def test_no_star_is_taken_for_a_defect(make_night: MakeNight, dither_px: float) -> None:
    truth = make_night(
        n_subs=6, dither_px=dither_px, rotation_deg_per_hour=0.0, fwhm_px=(2.1, 2.1, 2.1),
        n_hot_pixels=0, n_warm_pixels=0, cosmic_rays_per_sub=0.0,
    )  # fmt: skip
    assert len(defects(truth.paths)) <= 1


@pytest.mark.real_subs
@pytest.mark.parametrize("n_subs", [1, 2, 6])
def test_real_star_cores_are_left_alone(real_subs: Path, n_subs: int) -> None:
    paths = sorted(real_subs.glob("*/Light_*.fit"))
    touched, cores = 0, 0
    for first in range(0, len(paths) - n_subs + 1, n_subs):
        chunk = paths[first : first + n_subs]
        found = defects(chunk)
        for mosaic in mosaics(chunk):
            stars = measure_frame(mosaic.rows(0, mosaic.size[0]), colours_of("GRBG")).stars
            for x, y in zip(stars.x, stars.y, strict=True):
                near = {
                    (round(float(y)) + dy, round(float(x)) + dx)
                    for dy in (-1, 0, 1)
                    for dx in (-1, 0, 1)
                }
                touched += bool(near & found)
                cores += 1
    assert cores > 300
    # One star of the second night does lie on a cold pixel.
    assert touched <= 1 + cores / 1000
