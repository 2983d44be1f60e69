"""A picture of the sky for tests of what is found in pictures."""

from __future__ import annotations

import numpy as np
import pytest

from crowdsky.solving.catalogue import StarCatalogue
from tests.support.star_fields import plate
from tests.support.synthetic_stack import Light, star_image
from tests.unit.extract.asking import PLACE, SCALE, SHAPE


@pytest.fixture(scope="module")
def sky(tycho: StarCatalogue) -> np.ndarray:
    """Light of the stars around M 94, (height, width), first row on top, from 0 to 1."""
    wcs = plate(*PLACE, 30.0, parity=-1, width=SHAPE[1], height=SHAPE[0], scale=SCALE)
    near = tycho.cone(*PLACE, 0.7)
    x, y = wcs.pixel(near.ra, near.dec)
    seen = (x > 5) & (x < SHAPE[1] - 5) & (y > 5) & (y < SHAPE[0] - 5)
    light = Light(x[seen], y[seen], 10 ** (0.4 * (23.2 - near.mag[seen])))
    noise = np.random.default_rng(6).normal(0, 2.0, SHAPE)
    return np.clip((20.0 + star_image(light, SHAPE, 3.2) / 60.0 + noise) / 255.0, 0.0, 1.0)
