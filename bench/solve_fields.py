"""The simulated fields that the solvers are measured on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from astropy.coordinates import SkyCoord

from crowdsky.solving.catalogue import StarCatalogue
from crowdsky.solving.solver import Parity, PositionHint, ScaleRange, SolveRequest
from crowdsky.solving.tan import TanWcs
from tests.support.star_fields import S50_NOMINAL_SCALE, offset, plate, stars_on

SCALE = ScaleRange.around(S50_NOMINAL_SCALE)
HINT_ERROR_DEG = 0.5
CACHE_DIR = Path("~/.cache/crowdsky").expanduser()


@dataclass(frozen=True, slots=True)
class Field:
    """A star list and the plate it was drawn from."""

    truth: TanWcs
    request: SolveRequest


def places(count: int, rng: np.random.Generator) -> list[tuple[float, float]]:
    """Places over the whole sky: ten twelfths uniform, the rest plane and poles of the galaxy."""
    near = count // 12
    uniform = count - 2 * near
    ra = rng.uniform(0, 360, uniform)
    dec = np.degrees(np.arcsin(rng.uniform(-1, 1, uniform)))
    low, high = np.sin(np.radians([60.0, 90.0]))
    latitude = np.r_[
        rng.uniform(-5, 5, near),
        np.degrees(np.arcsin(rng.uniform(low, high, near))) * rng.choice([-1, 1], near),
    ]
    sky = SkyCoord(rng.uniform(0, 360, 2 * near), latitude, unit="deg", frame="galactic").icrs
    return list(zip(np.r_[ra, sky.ra.deg], np.r_[dec, sky.dec.deg], strict=True))


def make_field(
    place: tuple[float, float], catalogue: StarCatalogue, rng: np.random.Generator
) -> Field:
    """A field at a place, turned at random, with a hint half a degree off."""
    truth = plate(*place, float(rng.uniform(0, 360)))
    stars = stars_on(truth, catalogue, rng)
    hint = PositionHint(*offset(*place, HINT_ERROR_DEG, rng))
    return Field(truth, SolveRequest(stars, hint, SCALE, Parity.POSITIVE))
