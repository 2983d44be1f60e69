"""Defects of the sensor: all are found, and no star is taken for one."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from crowdsky.frames.frames import read_light_frame
from crowdsky.stacking.integration.cosmetic import find_defects
from crowdsky.stacking.integration.mosaic import Defects, Mosaic
from crowdsky.stacking.stack_files import stack_files
from crowdsky.synthetic.sky import Truth
from tests.sky.conftest import MakeNight


def mosaics(paths: list[Path]) -> list[Mosaic]:
    return [Mosaic(read_light_frame(path), Defects.none()) for path in paths]


def defects(paths: list[Path]) -> set[tuple[int, int]]:
    """Return (y, x) of what is taken for a defect."""
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


@pytest.fixture(scope="session")
def real_cores(
    real_subs: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, list[tuple[Path, np.ndarray]]]:
    """Night by night, each sub with the places (n, 2) of all stars that the stack of it shows.

    A stack goes deeper than its subs, so that there are three times the cores one sub shows.
    """
    nights = {}
    for folder in sorted(path for path in real_subs.iterdir() if any(path.glob("Light_*.fit"))):
        paths = sorted(folder.glob("Light_*.fit"))
        stack = tmp_path_factory.mktemp("stack") / "stack.fits"
        result = stack_files(paths, stack, engine="native")
        table = fits.getdata(stack, "STAR-TAB")
        stars = np.stack([table["x"], table["y"]], axis=1).astype(float)
        subs = []
        for path, frame in zip(paths, result.frames, strict=True):
            assert frame.transform is not None, "a sub of these nights can always be aligned"
            a, b, c, d, e, f = frame.transform
            subs.append((path, np.linalg.solve([[a, b], [d, e]], (stars - [c, f]).T).T))
        nights[folder.name] = subs
    return nights


@pytest.mark.real_subs
@pytest.mark.parametrize(("n_subs", "least_cores"), [(1, 2500), (2, 2500), (6, 2500), (12, 1600)])
def test_real_star_cores_are_left_alone(
    real_cores: dict[str, list[tuple[Path, np.ndarray]]], n_subs: int, least_cores: int
) -> None:
    """Fewer than one in a thousand: a few of so many may be on a real defect."""
    touched, cores = 0, 0
    for subs in real_cores.values():
        for first in range(0, len(subs) - n_subs + 1, n_subs):
            chunk = subs[first : first + n_subs]
            near = np.zeros((1920, 1080), dtype=bool)
            for y, x in defects([path for path, _ in chunk]):
                near[y - 1 : y + 2, x - 1 : x + 2] = True
            for _, places in chunk:
                x, y = np.rint(places).astype(int).T
                inside = (x > 8) & (y > 8) & (x < 1072) & (y < 1912)
                touched += int(near[y[inside], x[inside]].sum())
                cores += int(inside.sum())
    assert cores > least_cores
    assert touched < cores / 1000
