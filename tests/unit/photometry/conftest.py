"""A measured synthetic stack, shared by tests that do not change it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from crowdsky.photometry.measurement import Measurement, measure_stack
from crowdsky.solving.astrometry_net import AstrometrySolver
from crowdsky.solving.catalogue import StarCatalogue
from crowdsky.solving.chain import TimedSolver
from crowdsky.solving.tan import TanWcs
from tests.support.star_fields import INDEX_DIR, plate
from tests.support.synthetic_stack import Light, write_stack

ZERO_POINT = 23.2
PLACE = (315.4, 68.2)


@dataclass(frozen=True)
class Truth:
    """The truth about a stack, and its measurement."""

    path: Path
    wcs: TanWcs
    light: Light
    measured: Measurement


@pytest.fixture(scope="session")
def solvers() -> list[TimedSolver]:
    return [TimedSolver(AstrometrySolver(INDEX_DIR))]


def tycho_light(
    wcs: TanWcs, tycho: StarCatalogue, rng: np.random.Generator, fainter: int = 250
) -> Light:
    """The Tycho-2 stars of a field with exactly their V_T light in green, and fainter ones."""
    near = tycho.cone(wcs.ra0, wcs.dec0, 0.75)
    x, y = wcs.pixel(near.ra, near.dec)
    inside = (x > 0) & (x < 1069) & (y > 0) & (y < 1919)
    mags = np.r_[near.mag[inside], 16.0 - rng.exponential(0.9, fainter).clip(0, 4.0)]
    xs = np.r_[x[inside], rng.uniform(0, 1069, fainter)]
    ys = np.r_[y[inside], rng.uniform(0, 1919, fainter)]
    return Light(xs, ys, 10 ** (0.4 * (ZERO_POINT - mags)))


@pytest.fixture(scope="session")
def truth(
    tmp_path_factory: pytest.TempPathFactory, tycho: StarCatalogue, solvers: list[TimedSolver]
) -> Truth:
    rng = np.random.default_rng(3)
    wcs = plate(*PLACE, 40.0)
    light = tycho_light(wcs, tycho, rng)
    path = tmp_path_factory.mktemp("stack") / "stack.fits"
    write_stack(path, light, wcs, rng, header={"OBJECT": "NGC 7023"})
    return Truth(path, wcs, light, measure_stack(path, solvers, tycho))


Measure = Callable[..., Measurement]
